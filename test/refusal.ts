/** The message of the error that `work` throws; fails the test where it throws none. */
export function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}
