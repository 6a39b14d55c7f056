@echo off
rem Stops the Octane daemon and removes what _install_daemon.bat made: the start entry and the firewall's rules. The
rem programs stay where they are.
setlocal EnableExtensions DisableDelayedExpansion
set "source=%~dp0"
set "code=0"
set "purge="
set "quiet="
set "ports="
set "fault="
set "rules_left="
set "NoDefaultCurrentDirectoryInExePath=1"

:options
if "%~1"=="" goto options_read
if /i "%~1"=="/purge" goto option_purge
if /i "%~1"=="/quiet" goto option_quiet
if /i "%~1"=="/help" goto usage
if "%~1"=="/?" goto usage
>&2 echo error: unknown option "%~1"
>&2 echo help: _uninstall_daemon.bat /help
exit /b 2
:option_purge
set "purge=yes"
shift /1
goto options
:option_quiet
set "quiet=yes"
shift /1
goto options

:usage
echo Usage: _uninstall_daemon.bat [OPTION...]
echo.
echo   /purge   the stored farm key, too
echo   /quiet   asks nothing, prints one line
echo   /help    prints this
echo.
echo A daemon that starts with the computer is removed by an administrator.
echo Returns 0 done, 2 wrong option, 4 cannot write, 77 more rights needed.
exit /b 0

:options_read
pushd "%source%"
set "entry_name=run_octane_slave_daemon.bat"
set "login_entry=%APPDATA%\Microsoft\Windows\Start Menu\Programs\Startup\%entry_name%"
set "boot_folder=%ProgramData%\octane"
set "boot_entry=%boot_folder%\%entry_name%"
set "config=%APPDATA%\octane"
if defined OCTANE_CONFIG_DIR set "config=%OCTANE_CONFIG_DIR%"
set "found="
if exist "%login_entry%" set "found=%login_entry%"
if exist "%boot_entry%" set "found=%boot_entry%"
set "administrator=yes"
fltmc >nul 2>nul
if errorlevel 1 set "administrator="
if not exist "%boot_entry%" goto may_remove
if not defined administrator goto boot_rights
:may_remove
if not defined found goto remove_key
if defined quiet goto remove
set "answer="
set /p "answer=Remove %found%, and the rules of the firewall? [Y/n]: "
if defined answer set "answer=%answer:"=%"
if "%answer%"=="" goto remove
if /i "%answer%"=="y" goto remove
if /i "%answer%"=="yes" goto remove
echo Nothing was removed.
goto end

:remove
if exist "%boot_entry%" call :remove_boot_entry
if exist "%login_entry%" call :remove_login_entry
if defined fault goto cannot_remove
for %%p in (%ports%) do call :remove_rules %%p
:remove_key
if defined purge call :purge_key
if defined fault goto cannot_remove
set "key_text="
if defined purge set "key_text=, and the farm key"
if not defined found echo No octane_daemon is installed for this user%key_text%
if defined found echo Removed octane_daemon, port%ports%%key_text%
if defined purge if exist "%source%farm.key" for /f "eol=| delims=" %%a in ("%source%") do echo A farm.key still lies in %%a: delete it with its folder.
if defined rules_left goto rule_rights
goto end

:boot_rights
>&2 echo error: removing a daemon that starts with the computer wants an administrator
>&2 echo help: open a window with "Run as administrator", then the same command again
set "code=77"
goto end
:rule_rights
>&2 echo error: removing the rules of the firewall wants an administrator
>&2 echo help: in a window opened with "Run as administrator": "%source%_open_firewall.bat" daemon /port%rules_left% /remove
set "code=77"
goto end
:cannot_remove
>&2 echo error: "%fault%" cannot be removed
set "code=4"
goto end

:end
popd
if defined quiet exit /b %code%
rem Begun with a double click, the window would vanish with what was said.
if not defined cmdcmdline exit /b %code%
set "begun=%cmdcmdline:"=`%"
if not "%begun:/c ``=%"=="%begun%" pause
exit /b %code%

rem The last line of a start entry shows the port.
:read_port
set "line="
for /f "usebackq delims=" %%l in (%1) do set "line=%%l"
set "port=48000"
if not defined line goto port_read
set "line=%line:"=%"
set "line=%line:*--port =%"
for /f "tokens=1" %%p in ("%line%") do set "port=%%p"
:port_read
set "ports=%ports% %port%"
exit /b 0

:remove_login_entry
set "entry=%login_entry%"
call :read_port "%entry%"
call :stop_daemon
goto delete_entry

:remove_boot_entry
set "entry=%boot_entry%"
call :read_port "%entry%"
schtasks /end /tn octane_daemon >nul 2>nul
call :stop_daemon
schtasks /delete /tn octane_daemon /f >nul 2>nul
goto delete_entry

rem The window of a daemon that just ended may hold its file for a moment.
:delete_entry
for /l %%i in (1,1,10) do if exist "%entry%" call :delete_once
if exist "%entry%" set "fault=%entry%"
exit /b 0
:delete_once
del /q "%entry%" >nul 2>nul
if exist "%entry%" ping -n 2 127.0.0.1 >nul
exit /b 0

rem The daemon's conversation is the same in every version, so the program beside this script stops any.
:stop_daemon
.\octane_daemon.exe --status --port %port% >nul 2>nul
if errorlevel 1 exit /b 0
.\octane_daemon.exe --stop --port %port% >nul 2>nul
set "answers=yes"
for /l %%i in (1,1,30) do if defined answers call :still_there
exit /b 0
:still_there
.\octane_daemon.exe --status --port %port% >nul 2>nul
if errorlevel 1 set "answers="
if defined answers ping -n 2 127.0.0.1 >nul
exit /b 0

:remove_rules
netsh advfirewall firewall show rule name="Octane daemon %1 UDP" >nul 2>nul
if errorlevel 1 exit /b 0
if defined administrator goto remove_rules_now
set "rules_left= %1"
if defined quiet exit /b 0
:remove_rules_now
set "quiet_word="
if defined administrator set "quiet_word=/quiet"
call "%source%_open_firewall.bat" daemon /port %1 /remove %quiet_word%
if not errorlevel 1 set "rules_left="
if errorlevel 1 set "rules_left= %1"
exit /b 0

:purge_key
if exist "%config%\farm.key" del /q "%config%\farm.key" >nul 2>nul
if exist "%config%\farm.key" set "fault=%config%\farm.key"
if not defined administrator exit /b 0
if exist "%boot_folder%\daemon" rmdir /s /q "%boot_folder%\daemon" >nul 2>nul
if exist "%boot_folder%\daemon" set "fault=%boot_folder%\daemon"
exit /b 0
