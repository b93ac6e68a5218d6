# Completion of rebound in bash. To install it, add this line to ~/.bashrc:
#   source <(rebound completion bash)
# or, where bash-completion is installed, write it once:
#   mkdir -p ~/.local/share/bash-completion/completions
#   rebound completion bash > ~/.local/share/bash-completion/completions/rebound

_rebound() {
    local program=${COMP_WORDS[0]} word line kind=none glue= i last
    local -a words=()
    [[ $program == '~/'* ]] && program=$HOME/${program:2}

    # bash parts words at = and : too; rebound gets them whole.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        last=$((${#words[@]} - 1))
        if ((last >= 0)) && [[ -n $glue || $word == [=:]* ]]; then
            words[last]+=$word
        else
            words+=("$word")
        fi
        glue=
        [[ $word == [=:]* ]] && glue=1
    done

    # What bash keeps before the part that it replaces.
    local current=${words[${#words[@]} - 1]} part=${COMP_WORDS[COMP_CWORD]} before
    [[ $part == [=:]* ]] && part=
    before=${current%"$part"}

    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            :*) kind=${line:1} ;;
            *)
                line=${line%%$'\t'*}
                COMPREPLY+=("${line#"$before"}")
                ;;
        esac
    done < <("$program" __complete -- "${words[@]}" 2>/dev/null)
    case $kind in
        none) compopt +o default 2>/dev/null ;;
        folders) compopt +o default -o dirnames 2>/dev/null ;;
    esac
}

complete -o default -F _rebound rebound
