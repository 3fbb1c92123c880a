import { usePage } from '../live/page.js';
import { offersTour, startTour } from '../state/tour.js';

/** Introduction on a first visit, with suggested goals. */
export function Welcome({ channel }: { channel: string }) {
  const { state, workspace, dispatch, live } = usePage();
  const { suggestedGoals, notices } = workspace;
  const start = (goal: string) => {
    dispatch({ type: 'commanded', channel, since: Date.now() / 1000 });
    void live.request({ type: 'command', as: state.me, channel, command: '/agent', text: goal });
  };
  return (
    <section className="welcome" aria-label="Welcome">
      <button
        type="button"
        className="quiet"
        aria-label="Close the welcome"
        onClick={() => dispatch({ type: 'welcome', welcome: 'closed' })}
      >
        ✕
      </button>
      <h2>Give the agent a goal</h2>
      <p>
        Countersign researches it, writes a plan and posts it here as a card. Nothing happens until you
        approve exactly that plan; then it is carried out with tools, it asks in the card’s thread before each
        change, and the result lands there. Kill the service whenever you like (“What if…”): every run goes
        on.
      </p>
      {offersTour(workspace) && (
        <button
          type="button"
          className="action primary"
          onClick={() => dispatch({ type: 'tour', tour: startTour(state) })}
        >
          Show me in two minutes
        </button>
      )}
      <div className="goals">
        {suggestedGoals.map((goal) => (
          <button key={goal} type="button" className="goal" onClick={() => start(goal)}>
            <code>/agent</code> {goal}
          </button>
        ))}
      </div>
      <p className="small">
        {notices.model === 'simulated'
          ? 'The model is simulated: its plans and results are canned, but the Temporal server, the Slack protocol and the code are real.'
          : 'The model is the real Claude, with your API key.'}{' '}
        Switch to another person on the left and see who may approve.
      </p>
    </section>
  );
}
