import type { BackupReason } from '#contract'
import type { PlainKey } from '../../language/index.ts'

/** Why a backup was made. */
export const REASONS: Record<BackupReason, PlainKey> = {
  'by-hand': 'storage.byHand',
  daily: 'storage.daily',
  'before-migration': 'storage.beforeANewerVersionOf',
  'before-import': 'storage.beforeAnImport',
  'before-restore': 'storage.beforeARestore',
  'before-repair': 'storage.beforeARepair',
}
