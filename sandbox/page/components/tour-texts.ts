import type { TourStep } from '../state/tour.js';

/** Number of steps that people count. */
export const STEPS = 6;

interface TourText {
  /** Number of the step, from 1. */
  number: number;
  title: string;
  text: string;
}

/** Words of the guided tour. */
export const TOUR_TEXTS: Record<TourStep, TourText> = {
  goal: {
    number: 1,
    title: 'Give the agent a goal',
    text: 'Let me type one, then send it. You can change it first.',
  },
  planning: {
    number: 1,
    title: 'The agent reads and plans',
    text: 'Nothing runs yet. Its plan appears below as a card.',
  },
  approve: {
    number: 2,
    title: 'Read the plan, then approve it',
    text: 'Only what you approve will run. The buttons are under the plan.',
  },
  working: {
    number: 3,
    title: 'The agent works',
    text: 'It may read without asking. Before it changes anything, it asks in the card’s thread.',
  },
  call: {
    number: 3,
    title: 'It asks before it changes something',
    text: 'Approve this action in the thread. It then takes 12 seconds: time to kill the service in the middle.',
  },
  kill: {
    number: 4,
    title: 'Now kill the service, in the middle of the action',
    text: 'The action is under way. This is a real kill -9.',
  },
  restart: {
    number: 4,
    title: 'The service was killed. The run was not',
    text: 'Temporal keeps it while the service starts again. In about 10 seconds the thread asks you what became of the action.',
  },
  question: {
    number: 5,
    title: 'It asks instead of guessing',
    text: 'Nobody can know if an action that was cut off was done. You killed it before the list changed, so let it run again.',
  },
  resumed: {
    number: 5,
    title: 'The run goes on where it was',
    text: 'Nothing is planned or approved a second time.',
  },
  over: {
    number: 6,
    title: 'Done: the run survived a kill -9',
    text: 'It cost some seconds, and nothing was done twice. The card says who decided what. Now try your own goals, as other people, and the other faults under “What if…”.',
  },
  missed: {
    number: 4,
    title: 'This run is over, and nobody killed the service',
    text: 'Start again, and press the red button here while the action is under way.',
  },
};
