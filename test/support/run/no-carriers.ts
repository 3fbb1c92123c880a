import type { Carriers } from '../../../src/activities/beside-call.js';

/** For calls that nothing goes along with. */
export const noCarriers: Carriers = {
  ledger: { append: () => Promise.reject(new Error('there is no ledger')) },
  messenger: { updateCard: () => Promise.reject(new Error('there is no Slack')) },
};
