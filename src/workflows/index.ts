export { durableAIAgentWorkflow } from './agent.js';
