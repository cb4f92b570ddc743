import { SharedQuestion } from './shared-question.js';

describe('SharedQuestion', () => {
  it('is asked once while the answer is out, and again after it came', async () => {
    let asked = 0;
    const answers: ((value: number) => void)[] = [];
    const shared = new SharedQuestion(
      () => new Promise<number>((resolve) => answers.push(resolve) && asked++),
    );
    const both = Promise.all([shared.ask(), shared.ask()]);
    expect(asked).toBe(1);
    answers[0]!(7);
    expect(await both).toEqual([7, 7]);
    void shared.ask();
    expect(asked).toBe(2);
  });

  it('is asked again after a failure', async () => {
    let asked = 0;
    const shared = new SharedQuestion(() => Promise.reject(new Error(`no ${++asked}`)));
    await expect(shared.ask()).rejects.toThrow('no 1');
    await expect(shared.ask()).rejects.toThrow('no 2');
  });

  it('gives up an answer that never comes, and does not let it end the next question', async () => {
    let now = 0;
    const answers: ((value: number) => void)[] = [];
    const shared = new SharedQuestion(
      () => new Promise<number>((resolve) => answers.push(resolve)),
      () => now,
    );
    void shared.ask();
    now = 9_999;
    void shared.ask();
    expect(answers).toHaveLength(1);
    now = 10_000;
    const second = shared.ask();
    expect(answers).toHaveLength(2);
    answers[0]!(1);
    await Promise.resolve();
    expect(shared.ask()).toBe(second);
  });
});
