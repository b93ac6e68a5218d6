using Rebound.Files;

namespace Rebound.Checkpoints;

/// <summary>
/// Puts a model's files into a folder that holds others too, which stay: a run's, with its checkpoints and metrics. Whatever
/// ends the process at whatever instant, the folder has the old model or the new one: the new one is written into a hidden
/// folder, which gets its last name when it is whole, and <see cref="Finish"/> does the rest, at once or when the folder is
/// next opened.
/// </summary>
public static class ModelPublication
{
    /// <summary>While the files are written.</summary>
    private const string Partial = ".model.partial";

    /// <summary>All files are written; those of the model before are still in the folder.</summary>
    private const string Whole = ".model.whole";

    /// <summary>Those of the model before are gone; files are on their way out of here.</summary>
    private const string Moving = ".model.moving";

    /// <summary>What makes a folder a model's: a model's configuration, an adapter's.</summary>
    private static readonly string[] Marks = [ModelFiles.Config, ModelFiles.AdapterConfig];

    /// <summary>What else a model has, and the next one need not have.</summary>
    private static readonly string[] OtherPatterns =
        ["*.safetensors", "*.safetensors.index.json", ModelFiles.GenerationConfig, .. TokenizerFiles.Names];

    /// <summary>Whether a whole model is in a folder, be it on its way to its place.</summary>
    public static bool IsIn(string folder) => IsUnfinished(folder) || Marks.Any(mark => File.Exists(Path.Combine(folder, mark)));

    /// <summary>Writes a model into a folder, where it takes the place of one that is there.</summary>
    /// <param name="write">Writes the files into the folder it is given, each flushed to the disk.</param>
    /// <exception cref="IOException">The disk refuses. While files are written, a model that was there before is as it was.</exception>
    public static void Publish(string folder, Action<string> write)
    {
        Finish(folder);
        var partial = Path.Combine(folder, Partial);
        DurableFolder.Delete(partial);
        try
        {
            Directory.CreateDirectory(partial);
            write(partial);
            DurableFolder.Flush(partial);
            Directory.Move(partial, Path.Combine(folder, Whole));
        }
        catch
        {
            DurableFolder.Delete(partial);
            throw;
        }

        DurableFolder.Flush(folder);
        Finish(folder);
    }

    /// <summary>Brings a model that was written whole to its place, if the process that wrote it did not come to that.</summary>
    /// <exception cref="IOException">The disk refuses; another call goes on from there.</exception>
    public static void Finish(string folder)
    {
        if (!IsUnfinished(folder))
        {
            return;
        }

        var (whole, moving) = (Path.Combine(folder, Whole), Path.Combine(folder, Moving));
        if (Directory.Exists(whole))
        {
            DeleteModel(folder);
            DurableFolder.Flush(folder);
            UnlessGone(() => Directory.Move(whole, moving));
        }

        UnlessGone(() => MoveFiles(moving, folder));
        DurableFolder.Flush(folder);
        UnlessGone(() => DurableFolder.Delete(moving));
    }

    private static bool IsUnfinished(string folder) =>
        Directory.Exists(Path.Combine(folder, Whole)) || Directory.Exists(Path.Combine(folder, Moving));

    /// <summary>The configuration goes first, so that what is left is no model.</summary>
    private static void DeleteModel(string folder)
    {
        foreach (var file in Marks.Concat(OtherPatterns).SelectMany(pattern => Directory.GetFiles(folder, pattern)))
        {
            File.Delete(file);
        }

        DurableFolder.Delete(Path.Combine(folder, TokenizerFiles.TemplatesFolderName));
    }

    /// <summary>The configuration comes last: weights under a configuration are whole and belong to it.</summary>
    private static void MoveFiles(string from, string folder)
    {
        foreach (var inside in Directory.GetDirectories(from))
        {
            DurableFolder.Delete(Path.Combine(folder, Path.GetFileName(inside)));
            Directory.Move(inside, Path.Combine(folder, Path.GetFileName(inside)));
        }

        foreach (var file in Directory.GetFiles(from).OrderBy(file => Marks.Contains(Path.GetFileName(file))))
        {
            UnlessGone(() => File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true));
        }
    }

    /// <summary>A process that opens the folder and the one that writes it may both finish: what one finds gone, the other has moved.</summary>
    private static void UnlessGone(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
        }
    }
}
