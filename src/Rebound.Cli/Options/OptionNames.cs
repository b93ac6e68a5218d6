using System.CommandLine;
using Rebound.Files.Messages;

namespace Rebound.Cli.Options;

/// <summary>
/// The options of a command by the names that the library's options have, to say what the library says of them in the command's words.
/// </summary>
internal sealed class OptionNames
{
    private readonly Dictionary<string, Option> _options = [];
    private readonly Dictionary<string, string> _words = [];

    /// <param name="property">The name of the library's option, as its problems have it.</param>
    public OptionNames Add(string property, Option option)
    {
        _options.Add(property, option);
        return this;
    }

    /// <summary>Adds words for a property that is not a single option of the command.</summary>
    public OptionNames Add(string property, string words)
    {
        _words.Add(property, words);
        return this;
    }

    /// <summary>A problem in the command's words, options with the places where they were set.</summary>
    public string Sentence(OptionProblem problem, CommandContext context) => problem.Sentence(
        property => _options.TryGetValue(property, out var option) ? context.Label(option) : _words.GetValueOrDefault(property, property));

    /// <summary>Does work of the library.</summary>
    /// <exception cref="InputException">The library refused the options; the message has a line for each problem.</exception>
    public T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (OptionsException e)
        {
            throw new InputException(string.Join('\n', e.Problems.Select(problem => problem.Sentence(NameOf))), e);
        }
    }

    private string NameOf(string property) =>
        _options.TryGetValue(property, out var option) ? option.Name : _words.GetValueOrDefault(property, property);
}
