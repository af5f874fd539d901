import type { FailureTexts } from '../../failure-texts.ts'

export const storage: FailureTexts = {
  jobRuns: { message: '“{job:job}”正在处理此项目。', remedy: '请等它完成，或取消它。' },
  isOpen: { message: '项目 {project} 已打开。', remedy: '请先关闭它。' },
  noFolder: { message: '没有文件夹 {folder}。', remedy: '请指定项目文件夹，即 NAME.vitrine。' },
  notDamaged: { message: '{project} 的项目文件没有损坏。', remedy: '没有需要抢救的内容。' },
  projectThere: {
    message: '{folder} 已存在。',
    remedy: '请指定另一个文件夹，或另一个项目名 NAME.vitrine。',
  },
  noProjectInArchive: {
    message: '{file} 中没有可打开的项目。',
    remedy: '请在原处重新制作归档；那里的“vitrine check”会说明项目有什么问题。',
  },
  newerInArchive: { message: '{file} 中的项目由较新版本的 Vitrine 写入。', remedy: '请更新 Vitrine。' },
  foreignInArchive: {
    message: '{file} 中有“{name}”，它不属于项目。',
    remedy: '没有解包任何内容。请询问制作者：Vitrine 不会写出这样的归档。',
  },
  featuresElsewhere: {
    message: '项目将“{key}”写为特征的设置，而没有文件夹会叫这个名字。',
    remedy: '请勿使用此项目，或询问制作者：它被 Vitrine 以外的程序改动过。',
  },
}
