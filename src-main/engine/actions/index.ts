import type { ActionHandlers } from '../../engine-host/contract/actions.ts'
import { transfer } from './transfer.ts'

export const actionHandlers: ActionHandlers = { 'actions.transfer': transfer }
