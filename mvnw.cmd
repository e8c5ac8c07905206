@echo off
rem Runs Maven as mvnw does; .mvn\find-maven.ps1 prints the path of the one to run.
setlocal
set "MVNW_MVN="
for /f "usebackq delims=" %%i in (`powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0.mvn\find-maven.ps1"`) do set "MVNW_MVN=%%i"
if not defined MVNW_MVN exit /b 1
call "%MVNW_MVN%" %*
exit /b %ERRORLEVEL%
