import './runtime/stack-traces.js';

export { durableAIAgentWorkflow } from './agent.js';
