const LATE = Symbol('late');

/** What `work` answers, or what `otherwise` does when it takes longer. `work` goes on unheeded. */
export async function within<T>(milliseconds: number, work: Promise<T>, otherwise: () => T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(resolve, milliseconds, LATE);
  });
  try {
    const answer = await Promise.race([work, late]);
    return answer === LATE ? otherwise() : answer;
  } finally {
    clearTimeout(timer);
  }
}
