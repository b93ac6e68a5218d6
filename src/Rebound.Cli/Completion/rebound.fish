# Completion of rebound in fish. To install it:
#   rebound completion fish > ~/.config/fish/completions/rebound.fish

function __rebound_complete
    set -l words (commandline -opc)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -e words[1]
    set -l current (commandline -ct)
    set -l kind none
    for line in ($program __complete -- $words "$current" 2>/dev/null)
        if string match -q -- ':*' $line
            set kind (string sub -s 2 -- $line)
        else
            echo $line
        end
    end
    set -l option ''
    set -l path "$current"
    if string match -q -- '--*=*' "$current"
        set -l parts (string split -m 1 -- = "$current")
        set option "$parts[1]="
        set path "$parts[2]"
    end
    switch $kind
        case files
            for found in (__fish_complete_path "$path")
                echo "$option$found"
            end
        case folders
            for found in (__fish_complete_directories "$path")
                echo "$option$found"
            end
    end
end

complete -c rebound -f -a '(__rebound_complete)'
