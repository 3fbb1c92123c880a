import { HOME } from './home.js';
import { NOTICES } from './notices.js';
import { PLAN } from './plan.js';
import { PRIVATE } from './private.js';
import { REFUSALS } from './refusals.js';
import { REQUESTS, RESULTS } from './requests.js';
import type { Surface } from './sample.js';
import { SCHEDULES } from './schedules.js';

/** All messages, forms and tabs that a person can see, with sample data. They come from the builders that the product uses. */
export const SURFACES: Surface[] = [PLAN, REQUESTS, RESULTS, NOTICES, HOME, PRIVATE, REFUSALS, SCHEDULES];
