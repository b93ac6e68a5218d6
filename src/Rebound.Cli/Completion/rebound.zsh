#compdef rebound
# Completion of rebound in zsh. To install it, add this line to ~/.zshrc, after compinit:
#   source <(rebound completion zsh)
# or write it once into a folder of $fpath:
#   rebound completion zsh > ~/.zfunc/_rebound

_rebound() {
    local program=${(Q)words[1]} line described kind=none
    local -a typed lines candidates
    [[ $program == '~/'* ]] && program=$HOME/${program[3,-1]}
    typed=("${(@Q)words[2,CURRENT-1]}")
    ((CURRENT == 2)) && typed=()
    lines=("${(@f)$("$program" __complete -- "${typed[@]}" "${(Q)PREFIX}" 2>/dev/null)}")
    for line in "${lines[@]}"; do
        case $line in
            :*) kind=${line[2,-1]} ;;
            *)
                described=${line#*$'\t'}
                candidates+=("${${line%%$'\t'*}//:/\\:}${described:+:$described}")
                ;;
        esac
    done
    (( ${#candidates} )) && _describe -V 'rebound' candidates
    if [[ $kind == files || $kind == folders ]]; then
        [[ $PREFIX == --*=* ]] && compset -P '*='
        if [[ $kind == folders ]]; then _files -/; else _files; fi
    fi
}

if [[ ${funcstack[1]} == _rebound ]]; then
    _rebound "$@"
else
    compdef _rebound rebound
fi
