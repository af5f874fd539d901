import type { ActionHandlers } from '../../engine-host/contract/actions.ts'
import { courses } from './courses.ts'
import { transfer } from './transfer.ts'

export const actionHandlers: ActionHandlers = {
  'actions.transfer': transfer,
  'actions.courses': courses,
}
