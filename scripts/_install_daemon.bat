@echo off
rem Installs the Octane daemon that lies beside this script, so that it starts at every login or with the computer.
rem docs\operations.md tells the whole story, _install_daemon.bat /help the options.
rem
rem Values stand in quotes and are stripped of quotes of their own, so that folders with blanks, parentheses and
rem ampersands are words like others; delayed expansion stays off for the sake of exclamation marks.
setlocal EnableExtensions DisableDelayedExpansion
set "source=%~dp0"
set "self=%~f0"
set "code=0"
set "NoDefaultCurrentDirectoryInExePath=1"
rem Folders may have letters that the old code pages lack.
set "code_page="
for /f "tokens=2 delims=:" %%c in ('chcp') do for /f "tokens=1 delims=. " %%d in ("%%c") do set "code_page=%%d"
chcp 65001 >nul 2>nul
for %%v in (port gpu name idle-only hours key-file to quiet firewall boot start force) do set "opt_%%v="
for %%v in (idle_minutes lending_hours port gpus name key farm fault more changed moves files_differ former_port former_line was_running) do set "%%v="

rem ------------------------------------------------------------------------------------------------- options
:options
if "%~1"=="" goto options_read
set "kind="
for %%o in (quiet firewall boot start force) do if /i "%~1"=="/%%o" set "kind=flag"
for %%o in (port gpu name idle-only hours key-file to) do if /i "%~1"=="/%%o" set "kind=value"
if /i "%~1"=="/help" goto usage
if "%~1"=="/?" goto usage
set "option=%~1"
if "%kind%"=="flag" goto option_flag
if "%kind%"=="value" goto option_value
>&2 echo error: unknown option "%option%"
>&2 echo help: _install_daemon.bat /help
set "code=2"
goto leave
:option_flag
set "opt_%option:~1%=yes"
shift /1
goto options
:option_value
set "value=%~2"
if not defined value goto no_value
set "opt_%option:~1%=%value%"
shift /1
shift /1
if /i not "%option%"=="/gpu" goto options
rem cmd takes the comma of 0,1 for a blank
:more_gpus
set "value=%~1"
if not defined value goto options
set "rest="
for /f "eol=0 delims=0123456789" %%i in ("%value%") do set "rest=%%i"
if defined rest goto options
set "opt_gpu=%opt_gpu%,%value%"
shift /1
goto more_gpus
:no_value
>&2 echo error: %option% wants a value
>&2 echo help: _install_daemon.bat /help
set "code=2"
goto leave

:usage
echo Usage: _install_daemon.bat [OPTION...]     asks what is not given; RETURN keeps what stands in brackets
echo.
echo   /port N         port the daemon listens to for master requests (48000)
echo   /gpu LIST       GPUs its slave may use: all, or numbers such as 0,1 (all)
echo   /name NAME      name shown to masters (the computer's)
echo   /idle-only MINUTES  lends the computer only after so long without keyboard and mouse
echo   /hours FROM-TO  lends it only at these times of the day, for example 19-07
echo   /key-file FILE  takes the farm key from this file
echo   /firewall       opens the firewall
echo   /to FOLDER      copies the programs there first, and runs them from there
echo   /boot           starts with the computer, as a scheduled task of LOCAL SERVICE (as administrator)
echo   /start          starts the daemon now
echo   /force          does not wait until a running daemon is free
echo   /quiet          asks nothing, takes defaults, prints one line
echo   /help           prints this
echo.
echo Returns 0 done, 2 wrong option, 3 programs missing, 4 cannot write, 6 port in use, 8 key missing or wrong,
echo 77 more rights needed, 1 anything else.
goto leave

rem ------------------------------------------------------------------------------------ what is there already
:options_read
rem Names are meant from where the script was called.
set "called_from=%CD%"
set "folder=%source%"
if defined opt_to for %%f in ("%opt_to%\.") do set "folder=%%~ff"
if not "%folder:~-1%"=="\" set "folder=%folder%\"
if /i not "%folder%"=="%source%" set "moves=yes"
pushd "%source%"
if errorlevel 1 goto no_programs
set "rest="
for %%p in (octane_daemon octane_slave octane_master) do if not exist "%source%%%p.exe" set "rest=%%p"
if defined rest goto no_programs
set "version="
for /f "tokens=2" %%v in ('.\octane_daemon.exe --version') do set "version=%%v"
if not defined version goto no_programs

rem A batch file reads a percent sign as the beginning of a variable.
set "rest="
for /f "tokens=1* delims=%%" %%a in ("x%folder%x") do set "rest=%%b"
if defined rest goto percent_sign

set "entry_name=run_octane_slave_daemon.bat"
set "login_folder=%APPDATA%\Microsoft\Windows\Start Menu\Programs\Startup"
set "boot_folder=%ProgramData%\octane"
set "user_config=%APPDATA%\octane"
if defined OCTANE_CONFIG_DIR set "user_config=%OCTANE_CONFIG_DIR%"
set "entry=%login_folder%\%entry_name%"
set "config=%user_config%"
if defined opt_boot set "entry=%boot_folder%\%entry_name%"
if defined opt_boot set "config=%boot_folder%\daemon"
set "when=runs at every login"
set "short=at login"
if defined opt_boot set "when=runs with the computer"
if defined opt_boot set "short=at boot"

set "administrator=yes"
fltmc >nul 2>nul
if errorlevel 1 set "administrator="
if defined administrator goto rights_known
if defined opt_boot goto boot_rights
if exist "%boot_folder%\%entry_name%" goto former_boot_rights
if defined opt_quiet if defined opt_firewall goto firewall_rights
:rights_known

rem The former start line, the last of its file, gives the defaults; what people added to it stays.
set "former_entry=%entry%"
if not exist "%former_entry%" set "former_entry=%login_folder%\%entry_name%"
if not exist "%former_entry%" set "former_entry=%boot_folder%\%entry_name%"
if exist "%former_entry%" for /f "usebackq delims=" %%l in ("%former_entry%") do set "former_line=%%l"
if defined former_line call :read_former %former_line%
if defined opt_port set "port=%opt_port%"
if defined opt_gpu set "gpus=%opt_gpu%"
if defined opt_name set "name=%opt_name%"
if not defined port set "port=48000"
if not defined gpus set "gpus=all"
if not defined name set "name=%COMPUTERNAME%"

set "gpu_numbers="
set "device_line="
for /f "tokens=1,2,*" %%a in ('.\octane_master.exe devices') do call :read_device "%%a" "%%b" "%%c"
if not defined device_line set "device_line=no GPU"

call :find_key

rem ------------------------------------------------------------------------------- check what options have set
call :check_port
if "%fault%"=="used" goto port_used
if defined fault goto wrong_value
call :check_gpus
if defined fault goto wrong_value
call :check_name
if defined fault goto wrong_value
call :check_lending
if defined fault goto wrong_value
if not defined opt_key-file goto key_file_read
set "candidate=%opt_key-file%"
call :find_file
call :try_key
if defined fault goto wrong_key
set "key=%candidate%"
set "key_text=farm %farm%"
:key_file_read
if defined opt_quiet goto quiet_key
goto questions
:quiet_key
if not defined farm goto no_key
goto install

rem ----------------------------------------------------------------------------------------------- questions
:questions
for /f "eol=| delims=" %%a in ("Octane daemon %version%. %device_line%") do echo %%a
call :tell_lending
set "firewall_default=yes"
:ask_port
set "answer="
set /p "answer=Port the daemon listens to for master requests [%port%]: "
set "former_answer=%port%"
if defined answer set "answer=%answer:"=%"
if not "%answer%"=="" set "port=%answer%"
call :check_port
if not defined fault goto ask_gpus
if "%fault%"=="used" set "fault=Port %port% is in use by another program."
for /f "eol=| delims=" %%a in ("%fault%") do echo %%a
set "port=%former_answer%"
goto ask_port
:ask_gpus
set "answer="
set /p "answer=GPUs its slave may use: all, or numbers such as 0,1 [%gpus%]: "
set "former_answer=%gpus%"
if defined answer set "answer=%answer:"=%"
if not "%answer%"=="" set "gpus=%answer%"
call :check_gpus
if not defined fault goto ask_name
for /f "eol=| delims=" %%a in ("%fault%") do echo %%a
set "gpus=%former_answer%"
goto ask_gpus
:ask_name
set "answer="
set /p "answer=Name shown to masters [%name%]: "
set "former_answer=%name%"
if defined answer set "answer=%answer:"=%"
if not "%answer%"=="" set "name=%answer%"
call :check_name
if not defined fault goto ask_key
for /f "eol=| delims=" %%a in ("%fault%") do echo %%a
set "name=%former_answer%"
goto ask_name
:ask_key
set "answer="
set /p "answer=Farm key [%key_text%]: "
if defined answer set "answer=%answer:"=%"
if "%answer%"=="" goto ask_firewall
set "candidate=%answer%"
call :find_file
call :try_key
if not defined fault goto key_answered
for /f "eol=| delims=" %%a in ("%fault%") do echo %%a
goto ask_key
:key_answered
set "key=%candidate%"
set "key_text=farm %farm%"
:ask_firewall
set "question=Open the firewall for %port% (UDP, TCP)? Windows will ask for permission."
if defined administrator set "question=Open the firewall for %port% (UDP, TCP)?"
set "yes_default=%firewall_default%"
call :ask_yes
set "opt_firewall=%yes%"
set "firewall_text=unchanged"
set "firewall_default=no"
if defined opt_firewall set "firewall_text=opened"
if defined opt_firewall set "firewall_default=yes"
set "farm_text=%farm%"
if not defined farm set "farm_text=none"
set "question=Port %port%, GPUs %gpus%, name %name%, farm %farm_text%, firewall %firewall_text%. Right?"
set "yes_default=yes"
call :ask_yes
if not defined yes goto ask_port

rem ---------------------------------------------------------------------------------------------- installing
:install
if not defined former_port set "former_port=%port%"
.\octane_daemon.exe --status --port %former_port% >nul 2>nul
if not errorlevel 1 set "was_running=yes"
call :build_line
set "former_words="
if defined former_line set "former_words=%former_line:"=%"
set "words=%line:"=%"
if not "%former_words%"=="%words%" set "changed=yes"
if not exist "%entry%" set "changed=yes"
if defined moves call :compare_files
if defined key call :store_key
if defined fault goto cannot_store
if not defined changed goto stopped
if not defined was_running goto stopped
call :wait_until_free
call :stop_daemon
if defined fault goto does_not_end
:stopped
if not defined files_differ goto files_there
call :copy_files
if defined fault goto cannot_write
:files_there
if defined opt_boot call :protect_folder
if defined changed call :write_entry
if defined fault goto cannot_write
if defined changed if defined opt_boot call :make_task
if defined fault goto no_task
if not defined opt_quiet for /f "eol=| delims=" %%a in ("Created %entry% (%when%)") do echo %%a

if not defined opt_firewall goto firewall_done
set "quiet_word="
if defined opt_quiet set "quiet_word=/quiet"
call "%folder%_open_firewall.bat" daemon /port %port% %quiet_word%
if errorlevel 1 if defined opt_quiet goto firewall_refused
:firewall_done

if defined was_running set "opt_start=yes"
if defined opt_quiet goto start_known
if defined opt_start goto start_known
set "question=Start the daemon now?"
set "yes_default=yes"
call :ask_yes
set "opt_start=%yes%"
:start_known
set "running=not running"
if not defined opt_start goto told
call :start_daemon
if defined fault goto does_not_answer
set "running=running"
:told
set "farm_text=%farm%"
if not defined farm set "farm_text=none"
if defined opt_quiet for /f "eol=| delims=" %%a in ("Installed octane_daemon %version%, port %port%, GPUs %gpus%, farm %farm_text%, %short%, %running%") do echo %%a
goto end

rem ------------------------------------------------------------------------------------------------- endings
:no_programs
>&2 echo error: octane_daemon.exe, octane_slave.exe and octane_master.exe are not all beside this script, or do not run
>&2 echo help: copy the whole release folder, then run its _install_daemon.bat
set "code=3"
goto end
:percent_sign
>&2 echo error: a percent sign in the folder's name cannot stand in the start entry: "%folder%"
>&2 echo help: /to C:\octane copies the programs to another folder
set "code=2"
goto end
:wrong_value
for /f "eol=| delims=" %%a in ("%fault%") do >&2 echo error: %%a
set "code=2"
goto end
:port_used
>&2 echo error: port %port% is in use by another program
>&2 echo help: /port N chooses another; masters scan it with --net-daemon-port N
set "code=6"
goto end
:wrong_key
for /f "eol=| delims=" %%a in ("%fault%") do >&2 echo error: %%a
>&2 echo help: octane_master activate makes a key; /key-file takes the file farm.key
set "code=8"
goto end
:no_key
>&2 echo error: there is no farm key: masters of other computers could not use this daemon
>&2 echo help: /key-file FILE, or a farm.key beside this script (octane_master activate)
set "code=8"
goto end
:cannot_store
>&2 echo error: the farm key was not stored in "%config%"
set "code=8"
goto end
:cannot_write
for /f "eol=| delims=" %%a in ("%fault%") do >&2 echo error: %%a cannot be written
set "code=4"
goto end
:no_task
>&2 echo error: schtasks cannot make the task octane_daemon
set "code=4"
goto end
:boot_rights
>&2 echo error: /boot wants an administrator
>&2 echo help: open a window with "Run as administrator", then the same command again
set "code=77"
goto end
:former_boot_rights
>&2 echo error: a daemon that starts with the computer is installed; changing it wants an administrator
>&2 echo help: open a window with "Run as administrator", then the same command again
set "code=77"
goto end
:firewall_rights
>&2 echo error: /firewall with /quiet wants an administrator
>&2 echo help: open a window with "Run as administrator", or leave /firewall out and run _open_firewall.bat daemon
set "code=77"
goto end
:firewall_refused
set "code=4"
goto end
:does_not_end
>&2 echo error: the daemon at port %former_port% does not end
>&2 echo help: octane_daemon --stop --port %former_port%
set "code=6"
goto end
:does_not_answer
>&2 echo error: the daemon was started, but does not answer at port %port%; its window, or its log, says why
set "code=1"
goto end

:end
popd
if defined opt_quiet goto leave
if not defined cmdcmdline goto leave
rem Begun with a double click, the window would vanish with what was said.
set "begun=%cmdcmdline:"=`%"
if not "%begun:/c ``=%"=="%begun%" pause
:leave
if defined code_page chcp %code_page% >nul 2>nul
exit /b %code%

rem --------------------------------------------------------------------------------------------- subroutines

rem program, options of the former start line: sets what they say.
:read_former
if "%~2"=="" exit /b 0
if "%~2"=="--port" goto former_port_value
if "%~2"=="-g" goto former_gpus
if "%~2"=="--name" goto former_name
if "%~2"=="--log-file" goto former_log_file
if defined opt_idle-only if "%~2"=="--idle-only" goto former_skip
if defined opt_hours if "%~2"=="--hours" goto former_skip
:former_more
set more=%more% %2
shift /2
goto read_former
:former_log_file
if /i "%~nx3"=="octane_daemon.log" goto former_skip
goto former_more
:former_port_value
set "port=%~3"
set "former_port=%~3"
goto former_skip
:former_name
set "name=%~3"
goto former_skip
:former_gpus
set "gpus=%~3"
shift /2
shift /2
:former_more_gpus
set "value=%~2"
if not defined value exit /b 0
set "rest="
for /f "eol=0 delims=0123456789" %%i in ("%value%") do set "rest=%%i"
if defined rest goto read_former
set "gpus=%gpus%,%value%"
shift /2
goto former_more_gpus
:former_skip
shift /2
shift /2
goto read_former

rem words of a line of "octane_master devices"
:read_device
if "%~1 %~2"=="no CUDA" goto no_device
if not "%~1"=="GPU" exit /b 0
set "gpu_numbers=%gpu_numbers% %~2"
set "separator="
if defined device_line set "separator=, "
for /f "tokens=1,2 delims=," %%n in ("%~3") do set "device_line=%device_line%%separator%GPU %~2 %%n (%%o)"
set "device_line=%device_line:( =(%"
exit /b 0
:no_device
set "reason=%~3"
set "device_line=no GPU (%reason:~5%)"
exit /b 0

rem Sets farm to the short name of the farm whose key counts with %OCTANE_CONFIG_DIR%; it prints the key, too.
:read_farm
set "farm="
for /f "tokens=1,2" %%a in ('.\octane_master.exe activate --show 2^>nul') do if "%%a"=="Farm" if not "%%b"=="key" set "farm=%%b"
exit /b 0

:find_key
setlocal
set "OCTANE_CONFIG_DIR=%config%"
call :read_farm
endlocal & set "farm=%farm%"
set "key_text=none"
if not defined farm exit /b 0
set "key_text=farm %farm%, from %config%"
if exist "%config%\farm.key" exit /b 0
set "key_text=farm %farm%, from this folder"
rem Programs that move away from this folder take its key along.
if defined moves set "key=%source%farm.key"
if defined opt_boot set "key=%source%farm.key"
exit /b 0

rem Makes %candidate% a whole name if it is that of a file.
:find_file
if exist "%called_from%\%candidate%" set "candidate=%called_from%\%candidate%"
exit /b 0

rem Reads the key of %candidate%, a file or the key itself, without storing it: sets farm, or fault.
:try_key
set "fault="
set "kept_farm=%farm%"
set "trial=%TEMP%\octane_key_%RANDOM%%RANDOM%"
mkdir "%trial%" 2>nul
setlocal
set "OCTANE_CONFIG_DIR=%trial%"
call :activate
set "words="
for /f "usebackq tokens=1* delims=:" %%a in ("%trial%\words.txt") do if "%%a"=="error" set "words=%%b"
call :read_farm
if not exist "%trial%\farm.key" set "farm="
endlocal & set "farm=%farm%" & set "words=%words%"
del /q "%trial%\farm.key" "%trial%\words.txt" >nul 2>nul
rmdir /s /q "%trial%" >nul 2>nul
if defined farm exit /b 0
set "farm=%kept_farm%"
set "fault=%candidate% holds no farm key."
if defined words set "fault=%words:~1%"
exit /b 0

rem Stores the key of %candidate% in %OCTANE_CONFIG_DIR%; what is said goes to words.txt there.
:activate
if exist "%candidate%" goto activate_file
if /i not "%candidate:~0,5%"=="OCT1-" goto activate_file
set "rest="
for /f "eol=O delims=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-" %%i in ("%candidate%") do set "rest=%%i"
if defined rest goto activate_file
echo %candidate%| .\octane_daemon.exe --activate - >"%OCTANE_CONFIG_DIR%\words.txt" 2>&1
exit /b %errorlevel%
:activate_file
.\octane_daemon.exe --activate "%candidate%" >"%OCTANE_CONFIG_DIR%\words.txt" 2>&1
exit /b %errorlevel%

:store_key
set "fault="
set "candidate=%key%"
if not exist "%config%" mkdir "%config%" 2>nul
setlocal
set "OCTANE_CONFIG_DIR=%config%"
call :read_farm
set "former_farm=%farm%"
call :activate
set "activated=%errorlevel%"
call :read_farm
endlocal & set "activated=%activated%" & set "former_farm=%former_farm%" & set "farm=%farm%"
del /q "%config%\words.txt" 2>nul
if not "%former_farm%"=="%farm%" set "changed=yes"
if not "%activated%"=="0" set "fault=key"
if not exist "%config%\farm.key" set "fault=key"
exit /b 0

rem Sets fault unless %port% can be used; "used" when another program has it.
:check_port
set "fault=Port %port% is not between 1025 and 65535."
set "rest="
for /f "eol=0 delims=0123456789" %%i in ("%port%") do set "rest=%%i"
if defined rest exit /b 0
if not defined port exit /b 0
if "%port:~0,1%"=="0" exit /b 0
if not "%port:~0,5%"=="%port%" exit /b 0
if %port% LSS 1025 exit /b 0
if %port% GTR 65535 exit /b 0
set "fault="
if "%port%"=="%former_port%" exit /b 0
.\octane_daemon.exe --status --port %port% >nul 2>nul
if not errorlevel 1 exit /b 0
for /f "tokens=1,2,3" %%a in ('netstat -an') do call :check_socket "%%a" "%%b" "%%c"
exit /b 0

rem protocol, own address, other address: a listening TCP socket has port 0 at the other end, in every language.
:check_socket
set "own=%~2"
set "other=%~3"
if "%own:~-5%"==":%port%" goto own_port
if not "%own:~-6%"==":%port%" exit /b 0
:own_port
if /i "%~1"=="UDP" set "fault=used"
if /i "%~1"=="TCP" if "%other:~-2%"==":0" set "fault=used"
exit /b 0

:check_gpus
set "fault="
if /i "%gpus%"=="all" set "gpus=all"
if "%gpus%"=="all" exit /b 0
set "fault=%gpus% is neither all nor numbers such as 0,1."
set "rest="
for /f "eol=0 delims=0123456789, " %%i in ("%gpus%") do set "rest=%%i"
if defined rest exit /b 0
set "numbers="
for %%g in (%gpus%) do call :check_gpu %%g
if not defined numbers exit /b 0
set "gpus=%numbers:~1%"
set "fault="
for %%g in (%gpus%) do call :find_gpu %%g
exit /b 0
:check_gpu
set "numbers=%numbers%,%1"
exit /b 0
:find_gpu
set "rest="
for %%n in (%gpu_numbers%) do if "%%n"=="%1" set "rest=%%n"
if not defined rest set "fault=There is no GPU %1; this computer has %device_line%."
exit /b 0

:check_name
set "fault=The name must have 1 to 60 letters, none of them a quote or one that command lines read as a command."
if not defined name exit /b 0
if not "%name:~0,60%"=="%name%" exit /b 0
set "rest="
for /f "tokens=1* delims=%%!^<>|'`$\" %%a in ("x%name%x") do set "rest=%%b"
if defined rest exit /b 0
set "fault="
exit /b 0

:check_lending
set "fault=/idle-only %opt_idle-only%: must be minutes, from 1 to 9999."
set "rest="
if defined opt_idle-only for /f "eol=0 delims=0123456789" %%i in ("%opt_idle-only%") do set "rest=%%i"
if defined rest exit /b 0
if defined opt_idle-only if "%opt_idle-only:~0,1%"=="0" exit /b 0
if defined opt_idle-only if not "%opt_idle-only:~0,4%"=="%opt_idle-only%" exit /b 0
set "fault=/hours %opt_hours%: must be FROM-TO, for example 19-07 or 7:30-12."
set "from="
set "to="
if defined opt_hours for /f "eol=| delims=0123456789:-" %%i in ("%opt_hours%") do set "rest=%%i"
if defined rest exit /b 0
if defined opt_hours for /f "eol=| tokens=1,2 delims=-" %%i in ("%opt_hours%") do set "from=%%i" & set "to=%%j"
if defined opt_hours if not "%from%-%to%"=="%opt_hours%" exit /b 0
if defined opt_hours if not defined to exit /b 0
set "fault="
exit /b 0

rem Nothing is asked of it: few computers need it, and the start line shows it.
:tell_lending
set "lends= at any time"
set "former_lends="
call :read_lending %more%
if defined opt_idle-only set "idle_minutes=%opt_idle-only%"
if defined opt_hours set "lending_hours=%opt_hours%"
if defined idle_minutes set "former_lends= after %idle_minutes% min without keyboard and mouse"
if defined lending_hours set "former_lends=%former_lends% at %lending_hours%"
if defined former_lends set "lends=%former_lends%"
for /f "eol=| delims=" %%a in ("It lends this computer%lends%; /idle-only MINUTES and /hours FROM-TO of this script say when.") do echo %%a
exit /b 0
rem words of a start line: sets idle_minutes and lending_hours where they say so.
:read_lending
if "%~1"=="" exit /b 0
if "%~1"=="--idle-only" set "idle_minutes=%~2"
if "%~1"=="--hours" set "lending_hours=%~2"
shift /1
goto read_lending

rem Asks %question%; sets yes, or not.
:ask_yes
set "shown=Y/n"
if "%yes_default%"=="no" set "shown=y/N"
set "answer="
set /p "answer=%question% [%shown%]: "
if defined answer set "answer=%answer:"=%"
set "yes=yes"
if "%answer%"=="" if "%yes_default%"=="no" set "yes="
if "%answer%"=="" exit /b 0
if /i "%answer%"=="y" exit /b 0
if /i "%answer%"=="yes" exit /b 0
set "yes="
if /i "%answer%"=="n" exit /b 0
if /i "%answer%"=="no" exit /b 0
echo Please answer y or n.
goto ask_yes

rem Sets line, the start line, which shows all settings of a daemon.
:build_line
set line="%folder%octane_daemon.exe" --port %port%
if not "%gpus%"=="all" set line=%line% -g %gpus%
set line=%line% --name "%name%"
if defined opt_boot set line=%line% --log-file "%config%\octane_daemon.log"
if defined more set line=%line%%more%
if defined opt_idle-only set line=%line% --idle-only %opt_idle-only%
if defined opt_hours set line=%line% --hours %opt_hours%
exit /b 0

rem Sets files_differ, and changed, where a file of the release is not the same in both folders.
:compare_files
set "files_differ="
for %%f in (octane_daemon.exe octane_slave.exe octane_master.exe _install_daemon.bat _uninstall_daemon.bat _open_firewall.bat demo.glb LICENSE README.md) do call :compare_file "%%f"
if defined files_differ set "changed=yes"
exit /b 0
:compare_file
if not exist "%source%%~1" exit /b 0
set "here=none"
set "there=none"
for %%f in ("%source%%~1") do set "here=%%~zf %%~tf"
if exist "%folder%%~1" for %%f in ("%folder%%~1") do set "there=%%~zf %%~tf"
if not "%here%"=="%there%" set "files_differ=yes"
exit /b 0

:copy_files
set "fault="
if not exist "%folder%" mkdir "%folder%" 2>nul
for %%f in (octane_daemon.exe octane_slave.exe octane_master.exe _install_daemon.bat _uninstall_daemon.bat _open_firewall.bat demo.glb LICENSE README.md) do call :copy_file "%%f"
if exist "%source%docs" xcopy /e /i /y /q "%source%docs" "%folder%docs" >nul 2>nul
exit /b 0
:copy_file
if defined fault exit /b 0
if not exist "%source%%~1" exit /b 0
copy /y "%source%%~1" "%folder%" >nul 2>nul
if errorlevel 1 set "fault=%folder%%~1"
exit /b 0

:wait_until_free
if defined opt_force exit /b 0
set "told="
:wait_again
set "state="
for /f "tokens=1,2 delims=: " %%a in ('.\octane_daemon.exe --status --port %former_port% 2^>nul') do if "%%a"=="State" set "state=%%b"
set "busy="
for %%s in (bound bound_to_other authenticating running) do if "%state%"=="%%s" set "busy=yes"
if not defined busy exit /b 0
if not defined told >&2 echo The daemon is helping a master: waiting until it is free (/force does not wait).
set "told=yes"
ping -n 3 127.0.0.1 >nul
goto wait_again

:stop_daemon
set "fault="
if exist "%boot_folder%\%entry_name%" if defined administrator schtasks /end /tn octane_daemon >nul 2>nul
.\octane_daemon.exe --stop --port %former_port% >nul 2>nul
set "fault=yes"
for /l %%i in (1,1,30) do if defined fault call :still_there
exit /b 0
:still_there
.\octane_daemon.exe --status --port %former_port% >nul 2>nul
if errorlevel 1 set "fault="
if defined fault ping -n 2 127.0.0.1 >nul
exit /b 0

rem The start entry, in place of one of the other kind.
:write_entry
set "fault="
for %%f in ("%entry%") do set "entry_folder=%%~dpf"
if not exist "%entry_folder%" mkdir "%entry_folder%" 2>nul
set "new_entry=%TEMP%\octane_entry_%RANDOM%%RANDOM%.bat"
> "%new_entry%" echo @echo off
>>"%new_entry%" echo rem Starts the Octane daemon. Closing its window ends it, and frees its master.
>>"%new_entry%" echo setlocal
>>"%new_entry%" echo if "%%~1"=="run" goto run
>>"%new_entry%" echo cd /d "%%~dp0"
>>"%new_entry%" echo start "Octane daemon, port %port%" /min "%%ComSpec%%" /d /c ".\%entry_name% run & if errorlevel 1 pause"
>>"%new_entry%" echo exit /b 0
>>"%new_entry%" echo :run
>>"%new_entry%" echo chcp 65001 ^>nul
>>"%new_entry%" echo title Octane daemon, port %port%
if defined opt_boot >>"%new_entry%" echo set "OCTANE_CONFIG_DIR=%config%"
>>"%new_entry%" echo rem The daemon has no other settings: the last line shows everything and may be edited.
>>"%new_entry%" echo %line%
rem The window of a daemon that just ended may hold the former file for a moment.
set "fault=%entry%"
for /l %%i in (1,1,5) do if defined fault call :copy_entry
del /q "%new_entry%" >nul 2>nul
if defined fault exit /b 0
if not defined opt_boot if defined administrator call :remove_task
if defined opt_boot if exist "%login_folder%\%entry_name%" del /q "%login_folder%\%entry_name%"
exit /b 0
:copy_entry
copy /y "%new_entry%" "%entry%" >nul 2>nul
if not errorlevel 1 set "fault="
if defined fault ping -n 2 127.0.0.1 >nul
exit /b 0
:remove_task
if not exist "%boot_folder%\%entry_name%" exit /b 0
schtasks /end /tn octane_daemon >nul 2>nul
schtasks /delete /tn octane_daemon /f >nul 2>nul
del /q "%boot_folder%\%entry_name%"
exit /b 0

rem Administrators (S-1-5-32-544) write there and all read; the daemon, which runs as LOCAL SERVICE (S-1-5-19), has the
rem inner folder for its key and log, which others do not read.
:protect_folder
if not exist "%config%" mkdir "%config%" 2>nul
icacls "%boot_folder%" /setowner *S-1-5-32-544 >nul 2>nul
icacls "%boot_folder%" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *S-1-5-32-545:(OI)(CI)RX *S-1-5-19:(OI)(CI)RX >nul 2>nul
icacls "%config%" /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F *S-1-5-19:(OI)(CI)M >nul 2>nul
if exist "%config%\farm.key" icacls "%config%\farm.key" /grant:r *S-1-5-19:R >nul 2>nul
exit /b 0

rem A task without the limits that schtasks sets by itself: three days, mains only.
:make_task
set "fault="
set "task=%boot_folder%\task.xml"
> "%task%" echo ^<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task"^>
>>"%task%" echo ^<Triggers^>^<BootTrigger^>^<Enabled^>true^</Enabled^>^</BootTrigger^>^</Triggers^>
>>"%task%" echo ^<Principals^>^<Principal id="Author"^>^<UserId^>S-1-5-19^</UserId^>^<RunLevel^>LeastPrivilege^</RunLevel^>^</Principal^>^</Principals^>
>>"%task%" echo ^<Settings^>^<MultipleInstancesPolicy^>IgnoreNew^</MultipleInstancesPolicy^>
>>"%task%" echo ^<DisallowStartIfOnBatteries^>false^</DisallowStartIfOnBatteries^>^<StopIfGoingOnBatteries^>false^</StopIfGoingOnBatteries^>
>>"%task%" echo ^<StartWhenAvailable^>true^</StartWhenAvailable^>^<ExecutionTimeLimit^>PT0S^</ExecutionTimeLimit^>^<Priority^>5^</Priority^>
>>"%task%" echo ^<RestartOnFailure^>^<Interval^>PT1M^</Interval^>^<Count^>999^</Count^>^</RestartOnFailure^>^</Settings^>
>>"%task%" echo ^<Actions Context="Author"^>^<Exec^>^<Command^>%%ComSpec%%^</Command^>
>>"%task%" echo ^<Arguments^>/d /c ""%%ProgramData%%\octane\%entry_name%" run"^</Arguments^>^</Exec^>^</Actions^>^</Task^>
schtasks /create /tn octane_daemon /xml "%task%" /f >nul
if errorlevel 1 set "fault=task"
del /q "%task%" 2>nul
exit /b 0

:start_daemon
set "fault="
.\octane_daemon.exe --status --port %port% >nul 2>nul
if not errorlevel 1 exit /b 0
set "here=%CD%"
if not defined opt_boot call "%entry%"
cd /d "%here%"
if defined opt_boot schtasks /run /tn octane_daemon >nul
set "fault=yes"
for /l %%i in (1,1,20) do if defined fault call :not_there_yet
exit /b 0
:not_there_yet
.\octane_daemon.exe --status --port %port% >nul 2>nul
if not errorlevel 1 set "fault="
if defined fault ping -n 2 127.0.0.1 >nul
exit /b 0
