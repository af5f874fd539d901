/** The pages of the docs in the order in which a newcomer would read them: that of the site's sidebar, and of the window's list. */
export const ORDER: readonly { title: string; pages: readonly string[] }[] = [
  { title: 'Begin', pages: ['index', 'quick-start', 'window'] },
  {
    title: 'The work, view by view',
    pages: [
      'projects',
      'corpus',
      'features',
      'checks',
      'topics',
      'training',
      'sweeps',
      'neurons',
      'review-and-corrections',
      'actions',
      'export',
      'storage',
    ],
  },
  {
    title: 'What goes in',
    pages: ['clips', 'captions', 'media', 'encoders', 'other-models'],
  },
  {
    title: 'To look up',
    pages: ['command-line', 'troubleshooting', 'glossary', 'metrics', 'devices'],
  },
  { title: 'Method and evidence', pages: ['method', 'evidence', 'performance', 'reliability'] },
  { title: 'Inside', pages: ['architecture', 'graph-compiler', 'dependencies', 'licences'] },
]

export const pagesInOrder: readonly string[] = ORDER.flatMap(({ pages }) => pages)
