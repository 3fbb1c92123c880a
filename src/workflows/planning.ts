import type { Decision } from '../approval/decision.js';
import { samePerson } from '../approval/person.js';
import { sessionOf } from '../run/agent-session.js';
import { addUsage, type PlanRevision } from '../run/plan.js';
import { readingOf, threadForModel } from '../run/thread.js';
import { askWhenSpent, budgetOf } from './execution/budget.js';
import { ModelWait } from './messages/model-wait.js';
import { checkApprovers } from './requests/check-approvers.js';
import { enterState, type RunContext } from './run.js';
import { callLlm, digestPlan, readThread, searchWeb } from './runtime/activities.js';
import { tryStep } from './try-step.js';

/** The first plan: of the thread and the research, or where a failed run left off. */
export async function firstRevision(context: RunContext): Promise<PlanRevision> {
  const { run, ledger } = context;
  const { resume } = run;
  if (resume.planned && resume.changes) return await nextRevision(context, resume.planned, resume.changes);
  if (resume.planned) return resume.planned;
  if (!resume.research) {
    enterState(run, 'searching');
    const { goal, mention } = run.input;
    if (mention && !resume.threadContext) {
      const thread = await tryStep('search', () => readThread(mention));
      resume.threadContext = thread;
      ledger.record('read', readingOf(thread));
    }
    const thread = threadForModel(resume.threadContext);
    const { research, usage } = await new ModelWait(context, 'search').around((awaitModel) =>
      searchWeb({ goal, ...sessionOf(run.input) }, thread, awaitModel),
    );
    resume.research = research;
    resume.planning = addUsage(resume.planning, usage);
    ledger.record('searched', { ...research, usage });
  }
  return await writePlan(context, 1);
}

/**
 * The revision after this one: edited by a person, or written anew with the changes that they asked for. The run keeps that person, who can't
 * approve the revision under four eyes. Throws when too few others are left to approve it.
 */
export async function nextRevision(
  context: RunContext,
  planned: PlanRevision,
  decision: Decision,
): Promise<PlanRevision> {
  const { resume } = context.run;
  context.run.decision = decision;
  resume.changes = decision;
  const others = (resume.editors ?? []).filter((editor) => !samePerson(editor, decision.by));
  resume.editors = [...others, decision.by];
  await checkApprovers(context);
  const next =
    decision.kind === 'edit'
      ? await editPlan(context, planned, decision)
      : await rewritePlan(context, planned, decision);
  delete resume.changes;
  return next;
}

/** A person's own revision. */
async function editPlan(
  { run, ledger }: RunContext,
  { plan, revision }: PlanRevision,
  { by, steps = [] }: Decision,
): Promise<PlanRevision> {
  enterState(run, 'planning');
  const edited = { ...plan, steps };
  const { channel } = run.input;
  const { digest, policy } = await tryStep('plan', () => digestPlan({ plan: edited, channel }));
  run.filePolicy = policy;
  const revised = { plan: edited, digest, revision: revision + 1, editedBy: by };
  ledger.record('planned', revised);
  run.resume.planned = revised;
  return revised;
}

/** Has the plan written anew. People can ask for this again and again, so the budget is looked at first. */
async function rewritePlan(
  context: RunContext,
  { plan, revision }: PlanRevision,
  { note }: Decision,
): Promise<PlanRevision> {
  const { run } = context;
  enterState(run, 'planning');
  const account = budgetOf(run);
  const { budget } = account;
  await askWhenSpent(context, account, { step: 'plan' });
  if (account.budget !== budget) run.resume.budget = account.budget;
  return await writePlan(context, revision + 1, { plan, feedback: note });
}

async function writePlan(
  context: RunContext,
  revision: number,
  previous?: { plan: PlanRevision['plan']; feedback: string },
): Promise<PlanRevision> {
  const { run, ledger } = context;
  const { research = { summary: '', sources: [] } } = run.resume;
  const { goal, followUp, channel, policy: started } = run.input;
  enterState(run, 'planning');
  const brief = { goal, research, ...(previous && { previous }), ...(followUp && { followUp }) };
  const { plan, digest, usage, policy } = await new ModelWait(context, 'plan').around((awaitModel) =>
    callLlm(
      { task: 'plan', ...brief, channel, rules: started.tools ?? [], ...sessionOf(run.input) },
      threadForModel(run.resume.threadContext),
      awaitModel,
    ),
  );
  run.filePolicy = policy;
  const planned = { plan, digest, revision };
  ledger.record('planned', { ...planned, usage });
  run.resume.planning = addUsage(run.resume.planning, usage);
  run.resume.planned = planned;
  return planned;
}
