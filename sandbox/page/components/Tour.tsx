import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { usePage } from '../live/page.js';
import { messageElementId } from '../live/permalink.js';
import { draftKey } from '../state/page-state.js';
import { displayName, isReply } from '../state/selectors.js';
import { startTour, type TourPlace, type Tour as TourState, tourGoal, tourPlace } from '../state/tour.js';
import { STEPS, TOUR_TEXTS } from './tour-texts.js';

/** Time in which the kill's button does nothing, in milliseconds: the action must begin, and a held Enter must not press it. */
const UNARMED_MS = 1_000;

/** Time in which a pane that opens is drawn and has its effects, in milliseconds. */
const PANE_MS = 150;

/** The guided tour, above everything else: the next thing to do, and where. It covers nothing. */
export function Tour() {
  const { state, workspace, dispatch } = usePage();
  const { tour } = state;
  const place = tourPlace(state);
  const { number, title, text } = TOUR_TEXTS[place.step];
  const isElsewhere = state.me !== tour.person;
  const who = displayName(workspace.people[tour.person]);
  usePointer(isElsewhere ? undefined : selectorOf(place));
  const change = (own: Partial<TourState>) => dispatch({ type: 'tour', tour: { ...tour, ...own } });
  return (
    <section className="tour" aria-label="Guided tour">
      <div role="status">
        <p className="step">
          Tour, step {number} of {STEPS}
        </p>
        <h2>{isElsewhere ? `The tour goes on as ${who}` : title}</h2>
        <p>{isElsewhere ? `You act as somebody else now. ${who} started this run.` : text}</p>
      </div>
      <div className="tour-buttons">
        {isElsewhere ? (
          <button
            type="button"
            className="action primary"
            onClick={() => dispatch({ type: 'actAs', person: tour.person })}
          >
            Be {who} again
          </button>
        ) : (
          <StepButtons key={place.step} place={place} change={change} />
        )}
        <button
          type="button"
          className="quiet"
          onClick={() => change({ status: place.step === 'over' ? 'off' : 'left' })}
        >
          {place.step === 'over' ? 'Finish' : 'Leave the tour'}
        </button>
      </div>
    </section>
  );
}

function StepButtons({ place, change }: { place: TourPlace; change(own: Partial<TourState>): void }) {
  const { state, dispatch, live } = usePage();
  const { tour } = state;
  const { step } = place;
  const show = useShow(place);
  useEffect(() => {
    // The next change is slow, so that there is time to read and to kill. It may be asked for more than once.
    if (step === 'call') void live.request({ type: 'whatIf', as: tour.person, fault: 'slow-call' });
  }, [step, live, tour.person]);
  switch (step) {
    case 'goal': {
      const type = () => {
        show('.composer textarea');
        dispatch({ type: 'draft', key: draftKey(tour.person, tour.channel), text: tourGoal(tour) });
      };
      return (
        <button type="button" className="action primary" onClick={type}>
          Type a goal for me
        </button>
      );
    }
    case 'approve':
    case 'call':
    case 'question':
      return (
        <button type="button" className="action primary" onClick={() => show(selectorOf(place) ?? '')}>
          Show me
        </button>
      );
    case 'kill':
      return (
        <KillButton
          onKill={() => {
            void live.request({ type: 'whatIf', as: tour.person, fault: 'kill-service' });
            change({ reached: 'kill' });
          }}
        />
      );
    case 'missed':
    case 'over':
      return (
        <button type="button" className="action default" onClick={() => change(startTour(state))}>
          {step === 'over' ? 'Once more' : 'Start again'}
        </button>
      );
    default:
      return null;
  }
}

/** The button that kills the service. It takes the focus, because the time is short, unless somebody types. */
function KillButton({ onKill }: { onKill(): void }) {
  const button = useRef<HTMLButtonElement>(null);
  const [isArmed, setArmed] = useState(false);
  useEffect(() => {
    const { activeElement: active } = document;
    const isField = active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement;
    if (!isField || active.value === '') button.current?.focus();
    const arming = setTimeout(() => setArmed(true), UNARMED_MS);
    return () => clearTimeout(arming);
  }, []);
  return (
    <button
      ref={button}
      type="button"
      className="action danger"
      aria-disabled={!isArmed}
      onClick={() => isArmed && onKill()}
    >
      Kill the service now
    </button>
  );
}

/** Address of the element at which the tour points. */
function selectorOf({ message, action }: TourPlace): string | undefined {
  if (!message || !action) return undefined;
  // Choices have numbers after their common beginning.
  const match = action.endsWith('_') ? '^=' : '=';
  return `#${CSS.escape(messageElementId(message.channel, message.ts))} [data-action${match}"${action}"]`;
}

/** Marks the elements at which the tour points, as often as they are drawn anew. */
function usePointer(selector: string | undefined): void {
  useLayoutEffect(() => {
    const elements = selector ? [...document.querySelectorAll<HTMLElement>(selector)] : [];
    for (const element of elements) element.dataset.tour = 'here';
    return () => {
      for (const element of elements) delete element.dataset.tour;
    };
  });
}

/** Returns a function that goes to where the step is, scrolls there and moves the focus. */
function useShow({ message }: TourPlace): (selector: string) => void {
  const { state, dispatch } = usePage();
  const { channel } = state.tour;
  return (selector) => {
    const isHere = state.place.kind === 'channel' && state.place.channel === channel;
    // On a phone a thread covers its channel.
    if (!isHere || !message || !isReply(message))
      dispatch({ type: 'go', place: { kind: 'channel', channel } });
    if (message?.threadTs && isReply(message))
      dispatch({ type: 'openThread', thread: { channel, ts: message.threadTs } });
    // A new pane first scrolls to its end, and takes the focus.
    setTimeout(() => {
      const element = document.querySelector<HTMLElement>(selector);
      element?.scrollIntoView({ block: 'center' });
      element?.focus({ preventScroll: true });
    }, PANE_MS);
  };
}
