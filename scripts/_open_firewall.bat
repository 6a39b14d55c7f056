@echo off
rem Opens the Windows firewall for a daemon, or for a master; asks for the permission it needs.
setlocal EnableExtensions DisableDelayedExpansion
set "here=%~dp0"
set "self=%~f0"
set "who="
set "wrong_port="
set "refused="
set "port="
set "remove="
set "quiet="
rem No program of the current folder is to be taken for one of Windows.
set "NoDefaultCurrentDirectoryInExePath=1"

:options
if "%~1"=="" goto options_read
if /i "%~1"=="daemon" goto option_who
if /i "%~1"=="master" goto option_who
if /i "%~1"=="/port" goto option_port
if /i "%~1"=="/remove" goto option_remove
if /i "%~1"=="/quiet" goto option_quiet
if /i "%~1"=="/help" goto usage
if /i "%~1"=="/?" goto usage
>&2 echo error: unknown option "%~1"
>&2 echo help: _open_firewall.bat /help
exit /b 2
:option_who
set "who=%~1"
shift /1
goto options
:option_port
set "port=%~2"
if not defined port goto no_port
shift /1
shift /1
goto options
:option_remove
set "remove=yes"
shift /1
goto options
:option_quiet
set "quiet=yes"
shift /1
goto options
:no_port
>&2 echo error: /port wants a value
exit /b 2

:usage
echo Usage: _open_firewall.bat daemon^|master [OPTION...]
echo.
echo   daemon    48000 (UDP, TCP)
echo   master    21000-21015 (TCP)
echo   /port N   instead of 48000, or of 21000-21015
echo   /remove   closes again, and what earlier releases opened for slaves (48001-48016 TCP)
echo   /quiet    asks for no permission, prints errors alone
echo   /help     prints this
echo.
echo Returns 0 done, 2 wrong option, 4 the firewall refused, 77 more rights needed.
exit /b 0

:options_read
if not defined who goto nobody
if defined port call :check_port "%port%"
if defined wrong_port goto wrong_port
set "default_port=21000-21015"
if /i "%who%"=="daemon" set "default_port=48000"
if not defined port set "port=%default_port%"

fltmc >nul 2>nul
if errorlevel 1 goto no_rights

set "refused="
if /i "%who%"=="daemon" goto daemon
call :rule "Octane master %port% TCP" TCP %port%
set "told=TCP %port%"
goto done
:daemon
rem Whoever closed the question of Windows with Cancel has rules that forbid, and those win: they go.
if not defined remove netsh advfirewall firewall delete rule name=all dir=in program="%here%octane_daemon.exe" >nul 2>nul
if not defined remove netsh advfirewall firewall delete rule name=all dir=in program="%here%octane_slave.exe" >nul 2>nul
call :rule "Octane daemon %port% UDP" UDP %port%
call :rule "Octane daemon %port% TCP" TCP %port%
set "told=UDP %port%, TCP %port%"
if not defined remove goto done
rem Earlier releases opened these for slaves, which do not listen.
call :rule "Octane slaves 48001-48016 TCP" TCP 48001-48016
set "told=%told%, TCP 48001-48016"
:done
if defined refused goto refused
if defined quiet exit /b 0
if defined remove (echo Closed %told%) else echo Opened %told% for other computers
exit /b 0

:nobody
>&2 echo error: daemon or master must be named
>&2 echo help: _open_firewall.bat /help
exit /b 2
:wrong_port
>&2 echo error: port "%port%" is not between 1025 and 65535.
exit /b 2
:refused
>&2 echo error: the Windows firewall refused: %refused%
>&2 echo help: maybe it is managed by your organisation; ask for the rules above
exit /b 4

rem Sets wrong_port unless %1 is a number of 1025 to 65535.
:check_port
set "wrong_port=yes"
set "rest="
for /f "eol=0 delims=0123456789" %%i in ("%~1") do set "rest=%%i"
if defined rest exit /b 0
set "digits=%~1"
if "%digits:~0,1%"=="0" exit /b 0
if not "%digits:~0,5%"=="%digits%" exit /b 0
if %digits% LSS 1025 exit /b 0
if %digits% GTR 65535 exit /b 0
set "wrong_port="
exit /b 0

rem name, protocol, ports: a rule of that name, once, or none.
:rule
netsh advfirewall firewall delete rule name=%1 >nul 2>nul
if defined remove exit /b 0
netsh advfirewall firewall add rule name=%1 dir=in action=allow protocol=%2 localport=%3 profile=any >nul
if errorlevel 1 set "refused=netsh advfirewall firewall add rule name=%1 dir=in action=allow protocol=%2 localport=%3"
exit /b 0

:no_rights
set "arguments=%who% /port %port% /quiet"
if defined remove set "arguments=%arguments% /remove"
if "%port%"=="21000-21015" set "arguments=%arguments:/port 21000-21015 =%"
if defined quiet goto more_rights
rem Windows asks; the names travel in variables, so that no folder's name can be misread. 1223: the user declined.
set "OCTANE_SCRIPT=%self%"
set "OCTANE_ARGUMENTS=%arguments%"
powershell -NoProfile -NonInteractive -Command "try { $p = Start-Process -FilePath $env:ComSpec -ArgumentList ('/d /c \"\"' + $env:OCTANE_SCRIPT + '\" ' + $env:OCTANE_ARGUMENTS + '\"') -Verb RunAs -WindowStyle Hidden -Wait -PassThru -ErrorAction Stop; exit $p.ExitCode } catch { exit 77 }"
set "code=%errorlevel%"
if "%code%"=="0" goto elevated
if not "%code%"=="4" goto more_rights
>&2 echo error: the Windows firewall refused
exit /b 4
:elevated
if defined remove (echo Closed the firewall for the %who%) else echo Opened the firewall for the %who%
exit /b 0
:more_rights
>&2 echo error: changing the firewall needs more rights
>&2 echo help: in a window opened with "Run as administrator": "%self%" %arguments%
exit /b 77
