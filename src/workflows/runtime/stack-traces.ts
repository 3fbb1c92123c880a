/** Frames of an error's stack in a workflow. Temporal's SDK also takes such a stack of every promise. */
const FRAMES = 3;

// With ten frames, V8's default, thousands of signals take longer than the SDK lets a workflow work without a pause, which ends the process. Once the
// shared modules are loaded, the SDK has frozen `Error`.
if (!Object.isFrozen(Error)) Error.stackTraceLimit = FRAMES;
