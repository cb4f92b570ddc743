import { SingleBar } from 'cli-progress';

/** Runs `work`, with a bar on the terminal that moves on whenever `work` says so, when it is `worthwhile` and there is a terminal. */
export async function withProgress<T>(
  total: number,
  worthwhile: boolean,
  work: (step: () => void) => Promise<T>,
): Promise<T> {
  if (!worthwhile || !process.stderr.isTTY) return work(() => undefined);
  const bar = new SingleBar({ format: '{bar} {value}/{total}', stream: process.stderr, hideCursor: true });
  bar.start(total, 0);
  try {
    return await work(() => bar.increment());
  } finally {
    bar.stop();
  }
}
