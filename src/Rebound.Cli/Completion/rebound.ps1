# Completion of rebound in PowerShell. To install it, add this line to $PROFILE:
#   rebound completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName rebound -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or $_.Extent.Text -ne $wordToComplete } | ForEach-Object { $_.Extent.Text })
    $program = $typed[0]
    $words = @($typed | Select-Object -Skip 1)
    # An empty word would be lost on its way; quotes keep it.
    $current = if ($wordToComplete) { $wordToComplete } else { '""' }
    & $program __complete '--' @words $current 2>$null | Where-Object { -not $_.StartsWith(':') } | ForEach-Object {
        $text, $description = $_ -split "`t", 2
        $note = if ($description) { $description } else { $text }
        [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $note)
    }
}
