import type { CorrectionHandlers } from '../../engine-host/contract/corrections.ts'
import { carry } from './carrying.ts'
import { changed } from './changed.ts'
import { hold } from './hold.ts'
import { learn } from './learn.ts'
import { intervene, preview } from './preview.ts'

export const correctionHandlers: CorrectionHandlers = {
  'corrections.preview': preview,
  'corrections.intervene': intervene,
  'corrections.learn': learn,
  'corrections.changed': changed,
  'corrections.hold': hold,
  'corrections.carry': carry,
}
