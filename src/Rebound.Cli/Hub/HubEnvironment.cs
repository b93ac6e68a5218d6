using System.CommandLine.Parsing;
using Rebound.Cli.Paths;
using Rebound.Hub;
using Rebound.Hub.Cache;

namespace Rebound.Cli.Hub;

/// <summary>The hub as this machine's environment has it, and the models that were pulled from it, in the place of their names.</summary>
internal static class HubEnvironment
{
    /// <summary>Names of options and arguments that a model is given by.</summary>
    private static readonly string[] Models = ["--model", "--adapter", "--tokenizer", "--like", "--reference", "model", "adapter"];

    /// <summary>The option that makes a model's name one that a server knows.</summary>
    private const string Endpoint = "--endpoint";

    /// <exception cref="ArgumentException">A variable's value is none.</exception>
    public static HubOptions Options() => HubOptions.Read(
        Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>
    /// The place that a path stands for: of a model's name on the hub where it was pulled to, if nothing lies at the path itself.
    /// </summary>
    /// <param name="name">Of the option or the argument.</param>
    public static string Resolved(string path, string name, ArgumentResult result)
    {
        if (!Models.Contains(name) || Path.Exists(path) || HubReference.Find(path) is not { } model || IsOfServer(result))
        {
            return path;
        }

        try
        {
            return new HubCache(Options().Cache).Find(model) ?? path;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            // A cache that cannot be read has no models; a pull says why.
            return path;
        }
    }

    private static bool IsOfServer(SymbolResult result)
    {
        while (result.Parent is not (null or CommandResult))
        {
            result = result.Parent;
        }

        return result.Parent is CommandResult command
            && command.Children.OfType<OptionResult>().Any(option => option is { Implicit: false, Option.Name: Endpoint });
    }
}
