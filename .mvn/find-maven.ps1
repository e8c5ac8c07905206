# Prints the path of the Maven that mvnw.cmd is to run: the one on the PATH where it is new enough,
# else the one pinned in maven.properties, which is downloaded once from the Apache Software
# Foundation's archive and checked. The twin of mvnw; works in Windows PowerShell 5.1.
#
#   MVNW_BASE_URL    take the download from here instead: a mirror of the archive's maven/ directory
#   MAVEN_USER_HOME  keep it below this directory instead of ~\.m2

$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12

function Fail($message) {
  [Console]::Error.WriteLine("mvnw: $message")
  exit 1
}

$pinned = @{}
foreach ($line in Get-Content (Join-Path $PSScriptRoot 'maven.properties')) {
  if ($line -match '^(\w+)=(.*)$') { $pinned[$Matches[1]] = $Matches[2].Trim() }
}

$hasJavaHome = $env:JAVA_HOME -and (Test-Path (Join-Path $env:JAVA_HOME 'bin\java.exe'))
if (-not $hasJavaHome -and -not (Get-Command java.exe -ErrorAction SilentlyContinue)) {
  Fail 'no Java found: install JDK 25 or newer, such as Eclipse Temurin 25, and put it on the PATH or set JAVA_HOME'
}

$onPath = Get-Command mvn.cmd -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
if ($onPath) {
  # Through cmd: PowerShell 5.1 would take a warning of the JVM on stderr for a failure.
  $said = cmd /c "mvn.cmd --version 2>nul" | Out-String
  if ($said -match 'Apache Maven (\d+\.\d+\.\d+)' -and [version]$Matches[1] -ge [version]$pinned.oldest) {
    $onPath.Source
    exit 0
  }
}

$name = "apache-maven-$($pinned.version)"
$userHome = if ($env:MAVEN_USER_HOME) { $env:MAVEN_USER_HOME } else { Join-Path $HOME '.m2' }
# The checksum is part of the place, so that a changed pin never meets an old download.
$slot = Join-Path $userHome "wrapper\dists\lanewise-$($pinned.sha512.Substring(0, 16))"
$mvn = Join-Path $slot "$name\bin\mvn.cmd"

if (-not (Test-Path $mvn)) {
  $base = if ($env:MVNW_BASE_URL) { $env:MVNW_BASE_URL } else { 'https://archive.apache.org/dist/maven' }
  $url = "$base/maven-3/$($pinned.version)/binaries/$name-bin.tar.gz"
  $work = Join-Path $slot ".download.$([guid]::NewGuid())"
  $problem = $null
  try {
    New-Item -ItemType Directory -Force $work | Out-Null
    $archive = Join-Path $work 'archive.tar.gz'
    [Console]::Error.WriteLine("mvnw: no Maven $($pinned.oldest) or newer on the PATH; downloading $url")
    Invoke-WebRequest -UseBasicParsing -Uri $url -OutFile $archive
    $actual = (Get-FileHash -Algorithm SHA512 $archive).Hash.ToLowerInvariant()
    if ($actual -ne $pinned.sha512) { throw "$url has SHA-512 $actual, not the pinned $($pinned.sha512)" }
    & "$env:SystemRoot\System32\tar.exe" -xzf $archive -C $work
    if ($LASTEXITCODE -ne 0) { throw "could not unpack $url" }
    # A rename: others see the whole of it or nothing. It fails where another mvnw was faster.
    try { [IO.Directory]::Move((Join-Path $work $name), (Join-Path $slot $name)) }
    catch { if (-not (Test-Path $mvn)) { throw } }
  }
  catch { $problem = $_.Exception.Message }
  finally { Remove-Item -Recurse -Force -ErrorAction SilentlyContinue $work }
  if ($problem) { Fail $problem }
}
$mvn
