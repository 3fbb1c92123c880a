/** Measures the longest time for which this thread does nothing else, in milliseconds, until it is stopped. */
export function measureLongestPause(): { stop(): number } {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 20);
  // A test that fails doesn't stop it.
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return longest;
    },
  };
}
