import { usePage } from '../live/page.js';

/** Facts about this workspace: the model, Temporal, and the tools. */
export function Notices() {
  const { workspace } = usePage();
  const { model, temporalUrl, tools = [] } = workspace.notices;
  return (
    <div className="notices">
      <span className={`model ${model}`}>{model === 'simulated' ? 'Simulated model' : 'Claude'}</span>
      {temporalUrl && (
        <a href={temporalUrl} target="_blank" rel="noreferrer">
          Temporal Web UI ↗
        </a>
      )}
      {tools.length > 0 && <p>Tools: {tools.join(' · ')}</p>}
    </div>
  );
}
