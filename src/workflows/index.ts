export { durableAIAgentWorkflow } from './durable-ai-agent.js';
