import type { EngineHandlers } from '../../engine-host/contract.ts'
import { transfer } from './transfer.ts'

export const actionHandlers: Pick<EngineHandlers, 'actions.transfer'> = { 'actions.transfer': transfer }
