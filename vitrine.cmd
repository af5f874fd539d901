@echo off
rem The command line of Vitrine: sets up what is missing, then runs the command.
node "%~dp0scripts\run.mjs" cli %*
