using Rebound.Cli.Models;
using Rebound.Trajectories.Chat;

namespace Rebound.Cli.Agents;

/// <summary>The models of agents that options name, with the files and the device that they need: one, or one for each adapter.</summary>
internal sealed class OpenedAgentModels(IReadOnlyList<AgentModel> models, IReadOnlyList<OpenedModel> files) : IDisposable
{
    private int _closed;

    /// <summary>Whether there are several.</summary>
    public bool AreSeveral => models.Count > 1;

    /// <summary>The only one, or the first.</summary>
    public AgentModel Model => models[0];

    /// <summary>
    /// Lets work be done with each in turn, in a folder of its own where there are several; one that is done with gives its memory
    /// back before the next one begins.
    /// </summary>
    /// <param name="work">Takes a model and its folder; ends with an exit code.</param>
    /// <returns>That of the last one, or of the first that is not <see cref="ExitCode.Done"/>.</returns>
    public async Task<int> EachAsync(string folder, Func<AgentModel, string, Task<int>> work)
    {
        var exitCode = ExitCode.Done;
        for (var i = 0; i < models.Count && exitCode == ExitCode.Done; i++)
        {
            exitCode = await work(models[i], models.Count == 1 ? folder : Path.Combine(folder, NameOf(i)));
            models[_closed++].Dispose();
        }

        return exitCode;
    }

    public void Dispose()
    {
        for (; _closed < models.Count; _closed++)
        {
            models[_closed].Dispose();
        }

        Close(files);
    }

    /// <summary>Closes those that share what others have before these.</summary>
    public static void Close(IEnumerable<OpenedModel> files)
    {
        foreach (var opened in files.Reverse())
        {
            opened.Dispose();
        }
    }

    /// <summary>The name of an adapter's folder, with its number where two have the same.</summary>
    private string NameOf(int index)
    {
        string[] names = [.. files.Select(opened => Path.GetFileName(Path.TrimEndingDirectorySeparator(opened.Source.Adapter!.Location)))];
        return names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Length ? names[index] : $"{index + 1}-{names[index]}";
    }
}
