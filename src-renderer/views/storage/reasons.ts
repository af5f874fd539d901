import type { BackupReason } from '#contract'

/** Why a backup was made. */
export const REASONS: Record<BackupReason, string> = {
  'by-hand': 'by hand',
  daily: 'daily',
  'before-migration': 'before a newer version of Vitrine',
  'before-import': 'before an import',
  'before-restore': 'before a restore',
  'before-repair': 'before a repair',
}
