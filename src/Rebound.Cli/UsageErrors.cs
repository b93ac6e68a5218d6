using System.CommandLine;
using System.CommandLine.Parsing;
using Rebound.Cli.Configuration;
using Rebound.Cli.Terminal;
using Rebound.Text;

namespace Rebound.Cli;

/// <summary>Says everything that is wrong with a command line at once, each with the nearest thing that would be right.</summary>
internal static class UsageErrors
{
    /// <param name="origins">Where options were set that were not typed.</param>
    public static void Write(ParseResult parse, CommandTerminal terminal, OptionOrigins origins)
    {
        foreach (var problem in Unmatched(parse))
        {
            terminal.Error(problem);
        }

        foreach (var error in parse.Errors)
        {
            if (!IsAboutUnmatchedToken(error, parse))
            {
                terminal.Error(Explain(error) + Place(error, origins));
            }
        }

        var command = parse.CommandResult.Command is CliCommand named ? $"rebound {named.Path}" : "rebound";
        terminal.Error($"'{command} --help' shows what it takes.");
    }

    private static IEnumerable<string> Unmatched(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var strays = new List<string>();
        var afterUnknownOption = false;
        foreach (var token in parse.UnmatchedTokens)
        {
            if (command.Subcommands.Count > 0 && !token.StartsWith('-'))
            {
                var typed = command is CliCommand group ? $"{group.Path} {token}" : token;
                yield return $"There is no command '{typed}'{Suggestion(token, command.Subcommands.Select(known => known.Name))}";
                yield break;
            }

            if (token.StartsWith('-') && token.Length > 1 && !double.TryParse(token, out _))
            {
                var name = token.Split('=', 2)[0];
                var on = command is CliCommand known ? $"'{known.Path}'" : "rebound";
                yield return $"{on} has no option {name}{Suggestion(name, OptionNames(parse))}";
                afterUnknownOption = !token.Contains('=', StringComparison.Ordinal);
            }
            else if (!afterUnknownOption)
            {
                strays.Add(token);
            }
        }

        if (strays.Count > 0)
        {
            yield return $"'{string.Join(' ', strays)}' is more than '{(command is CliCommand named ? named.Path : command.Name)}' takes; text with spaces needs quotes.";
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
        OptionResult { Tokens.Count: 0, Option: { Required: true } option } when error.Message.Contains("is required", StringComparison.Ordinal) =>
            $"{option.Name} is required: {option.Description}.",
        OptionResult { Tokens.Count: 0, Option: var option } => $"{option.Name} needs a value: {option.Description}.",
        OptionResult { Tokens: [var value], Option: var option } when Expected(option.ValueType) is { } kind
            && error.Message.StartsWith("Cannot parse", StringComparison.Ordinal) => $"{option.Name} is '{value.Value}', and must be {kind}.",
        _ => error.Message,
    };

    private static string Place(ParseError error, OptionOrigins origins) =>
        error.SymbolResult is OptionResult result && origins.Of(result.Option) is { } place ? $" It is set by {place}." : "";

    private static string? Expected(Type type) => Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type) switch
    {
        TypeCode.Int32 or TypeCode.Int64 => "a whole number",
        TypeCode.UInt32 or TypeCode.UInt64 => "a whole number from 0 up",
        TypeCode.Single or TypeCode.Double => "a number",
        TypeCode.Boolean => "true or false",
        _ => null,
    };

    private static IEnumerable<string> OptionNames(ParseResult parse) =>
        parse.CommandResult.Command.Options
            .Concat(parse.RootCommandResult.Command.Options.Where(option => option.Recursive))
            .SelectMany(option => option.Aliases.Prepend(option.Name));

    private static string Suggestion(string typed, IEnumerable<string> known) =>
        NearestName.Find(typed, known) is { } nearest ? $"; did you mean {nearest}?" : ".";
}
