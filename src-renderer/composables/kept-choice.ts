import { notices } from './notices.ts'

/**
 * Handles the changes of a select whose choice main keeps. A browser shows what was chosen whatever comes of it: what is
 * refused is told of, and the select goes back to `current`, the value that is kept.
 */
export const keepChoice =
  (current: () => string, choose: (value: string) => Promise<unknown>) =>
  async ({ target }: Event): Promise<void> => {
    const select = target as HTMLSelectElement
    try {
      await choose(select.value)
    } catch (error) {
      notices.fail(error)
      select.value = current()
    }
  }
