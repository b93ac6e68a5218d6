using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using Rebound.Cli.Configuration;
using Rebound.Cli.Options;
using Rebound.Cli.Suggestions;
using Rebound.Files.Messages;

namespace Rebound.Cli;

/// <summary>Finds everything that is wrong with a command line at once, each with what would be right.</summary>
internal static class UsageErrors
{
    /// <summary>Why the command cannot be run as it was typed, in sentences; none where it can.</summary>
    /// <param name="origins">Where options were set that were not typed.</param>
    public static IReadOnlyList<string> Of(ParseResult parse, OptionOrigins origins)
    {
        // What an unknown option shifts is not wrong by itself, so it alone is told.
        string[] problems = [.. Swallowed(parse)];
        if (problems.Length > 0)
        {
            problems = [.. problems, .. parse.UnmatchedTokens.Where(LooksLikeOption).Select(token => NoOption(token, parse))];
        }
        else
        {
            string[] missing = parse.CommandResult.Command is CliCommand { Subcommands.Count: 0 } command
                ? [.. command.Missing(parse.CommandResult)]
                : [];
            problems = [
                .. Unmatched(parse).Concat(missing)
                    .Concat(
                        parse.Errors.Where(error =>
                            !IsAboutUnmatchedToken(error, parse)).Select(error => Explain(error) + Place(error, origins))).Distinct()];
        }

        return problems.Length == 0 ? [] : [.. problems, WhereHelpIs(parse)];
    }

    /// <summary>That a command which help is asked for does not exist; nothing where it does.</summary>
    public static string[] UnknownCommand(ParseResult parse) =>
        parse.CommandResult.Command is { Subcommands.Count: > 0 } group
            && parse.UnmatchedTokens.FirstOrDefault(token => !token.StartsWith('-')) is { } token
            ? [NoCommand(token, group), WhereHelpIs(parse)]
            : [];

    private static string WhereHelpIs(ParseResult parse) =>
        $"'{(parse.CommandResult.Command is CliCommand named ? $"rebound {named.Path}" : "rebound")} --help' shows what it takes.";

    /// <summary>That a name is no command, and what was meant.</summary>
    public static string NoCommand(string token, Command group) =>
        $"There is no command '{(group is CliCommand named ? $"{named.Path} {token}" : token)}'{CommandSuggestion.For(token, group)}";

    /// <summary>Unknown options that the parser took for the text or the files that the command's arguments are.</summary>
    private static IEnumerable<string> Swallowed(ParseResult parse)
    {
        var literal = parse.Tokens.Select(token => token.Value).SkipWhile(token => token != "--").ToHashSet(StringComparer.Ordinal);
        return parse.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument =>
            argument.Tokens.Select(token => (argument.Argument, token.Value)))
            .Where(taken => LooksLikeOption(taken.Value) && !literal.Contains(taken.Value))
            .Select(taken =>
                NoOption(taken.Value, parse)
                    + (taken.Argument == SharedOptions.ModelArgument ? "" : " Text that begins with a dash goes after --."));
    }

    /// <summary>That there is no such option, and what was meant.</summary>
    private static string NoOption(string token, ParseResult parse)
    {
        var name = token.Split('=', 2)[0];
        var command = parse.CommandResult.Command;
        var on = command is CliCommand known ? $"'{known.Path}'" : "rebound";
        return $"{on} has no option {name}{OptionSuggestion.For(name, command, OptionNames(command), Spelled)}";
    }

    private static string Spelled(string option, string? value) => value is null ? option : $"{option} {value}";

    /// <summary>Dashes and a word, perhaps with a value: no expression, and no sentence.</summary>
    public static bool LooksLikeOption(string token) =>
        (token.StartsWith("--", StringComparison.Ordinal) && token.Length > 3 && char.IsAsciiLetter(token[2])
            && token.Split('=', 2)[0][2..].All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        || (token.Length == 2 && token[0] == '-' && char.IsAsciiLetter(token[1]));

    private static IEnumerable<string> Unmatched(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var strays = new List<string>();
        var afterUnknownOption = false;
        foreach (var token in parse.UnmatchedTokens)
        {
            if (command.Subcommands.Count > 0 && !token.StartsWith('-') && !afterUnknownOption)
            {
                yield return NoCommand(token, command);
                yield break;
            }

            if (token.StartsWith('-') && token.Length > 1 && !double.TryParse(token, out _))
            {
                yield return NoOption(token, parse);
                afterUnknownOption = !token.Contains('=', StringComparison.Ordinal);
            }
            else if (!afterUnknownOption)
            {
                strays.Add(token);
            }
        }

        if (strays.Count > 0)
        {
            yield return $"'{string.Join(' ', strays)}' is more than '{(command is CliCommand named ? named.Path : command.Name)}' takes; "
                + "text with spaces needs quotes.";
        }
    }

    /// <summary>The parser's own sentence about an unmatched token, which <see cref="Unmatched"/> says better.</summary>
    private static bool IsAboutUnmatchedToken(ParseError error, ParseResult parse) =>
        error.SymbolResult is CommandResult or null
        && (parse.UnmatchedTokens.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal))
            || (parse.CommandResult.Command.Subcommands.Count > 0 && parse.UnmatchedTokens.Count > 0));

    private static string Explain(ParseError error) => error.SymbolResult switch
    {
        CommandResult { Command: RootCommand } => "rebound needs a command.",
        OptionResult { Tokens.Count: 0, Option: { Required: true } option } when error.Message.Contains(
            "is required", StringComparison.Ordinal) =>
            Need.Missing(option),
        OptionResult { Tokens.Count: 0, Option: var option } => $"{option.Name} needs a value: {option.Description}.",
        OptionResult result when Values(result.Option) is { } values
            && result.Tokens.FirstOrDefault(token => !values.Contains(token.Value)) is { } wrong =>
            $"{result.Option.Name} is '{wrong.Value}', and must be {Listed(values)}{ValueSuggestion(wrong.Value, values)}",
        OptionResult { Option: var option } result when Expected(option.ValueType) is { } kind && Unparsed(error, result) is { } wrong =>
            $"{option.Name} is '{wrong.Value}', and must be {kind}.",
        ArgumentResult { Tokens.Count: 0, Argument: var argument } => Need.Missing(argument),
        ArgumentResult { Tokens: [var typed, ..], Argument: var argument } when Values(argument) is { } values =>
            $"<{argument.Name}> is '{typed.Value}', and must be {Listed(values)}{ValueSuggestion(typed.Value, values)}",
        _ => error.Message,
    };

    /// <summary>The values that an option takes, where these are a list of words.</summary>
    public static string[]? Values(Option option)
    {
        string[] values = option.CompletionSources.Count == 0
            ? []
            : [.. option.GetCompletions(CompletionContext.Empty).Select(item => item.Label)];
        return (option.ValueType.GetElementType() ?? option.ValueType) == typeof(string) && values.Length > 1 ? values : null;
    }

    private static string[]? Values(Argument argument) =>
        argument.GetCompletions(CompletionContext.Empty).Select(item => item.Label).ToArray() is { Length: > 1 } values ? values : null;

    private static string Listed(string[] values) => $"{string.Join(", ", values[..^1])} or {values[^1]}";

    /// <summary>The value of an option that could not be read as what it has to be; null: the error is about something else.</summary>
    private static Token? Unparsed(
        ParseError error, OptionResult result) => error.Message.StartsWith("Cannot parse", StringComparison.Ordinal)
        ? result.Tokens.FirstOrDefault(token => error.Message.Contains($"'{token.Value}'", StringComparison.Ordinal))
        : null;

    private static string Place(ParseError error, OptionOrigins origins) =>
        error.SymbolResult is OptionResult result && origins.Of(result.Option) is { } place ? $" It is set by {place}." : "";

    private static string? Expected(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type) switch
    {
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.UInt32 or TypeCode.UInt64 => "a whole number from 0 up",
        TypeCode.Single or TypeCode.Double or TypeCode.Decimal => "a number",
        TypeCode.Boolean => "true or false",
        _ => null,
    };

    private static string[] OptionNames(Command command) =>
        [.. CommandTree.OptionsOf(command).Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(option.Name))];

    private static string ValueSuggestion(string typed, string[] values) =>
        ValueSynonyms.Find(typed, values) is { } synonym ? OptionSuggestion.Question([synonym])
        : NearestName.FindAll(typed, values) is { Count: > 0 } near ? OptionSuggestion.Question(near)
        : ".";
}
