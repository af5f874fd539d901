/** Whether a list of clips is shown as a grid of pictures, and how large these are; kept with the project. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useCommand } from '../../composables/commands.ts'
import type { Command, CommandOptions } from '../../composables/commands.ts'
import { useProjectState } from '../../stores/project-state.ts'

/** Widths of a cell that can be chosen, in CSS pixels. */
export const SIZES = { least: 96, most: 320, step: 16 }
/** Below the picture stands one line of text. */
const TEXT = 22
const GAP = 8

export interface Grid {
  on: ComputedRef<boolean>
  size: ComputedRef<number>
  setSize(width: number): void
  /** Height of a row in CSS pixels; a list that is no grid has its own. */
  rowHeight: ComputedRef<number>
  /** Width of a cell; undefined: there is no grid. */
  cellWidth: ComputedRef<number | undefined>
  toggle: Command
}

/** `of`: which list it is; `listHeight`: of a row of it where it is no grid. */
export function useGrid(command: Omit<CommandOptions, 'run'>, of: string, listHeight: number): Grid {
  const kept = useProjectState(`${of}/grid`, { on: false, size: 160 })
  const on = computed(() => kept.value.on)
  const size = computed(() => kept.value.size)
  return {
    on,
    size,
    setSize(width) {
      kept.value = { ...kept.value, size: width }
    },
    // Pictures are four wide and three high.
    rowHeight: computed(() =>
      on.value ? Math.round(((size.value - GAP) * 3) / 4) + TEXT + GAP : listHeight,
    ),
    cellWidth: computed(() => (on.value ? size.value : undefined)),
    toggle: useCommand({
      ...command,
      run: () => {
        kept.value = { ...kept.value, on: !kept.value.on }
      },
    }),
  }
}
