using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Study.Results;
using Rebound.Training.Checkpoints;

namespace Rebound.Study.Grids;

/// <summary>
/// The folder of a training: its run in <c>run/</c>, its episodes by task in <c>episodes/</c> and <c>tries/</c>, what they came to in
/// <c>scores/</c>. Results under other settings of a task have other names beside them.
/// </summary>
internal sealed class CellFolder(string path)
{
    private const int FingerprintLength = 8;

    public string Location => path;

    public RunFolder Run => new(Path.Combine(path, "run"));

    public string CostsPath => Path.Combine(path, "training.json");

    /// <summary>A short name for a description, other for others.</summary>
    public static string Fingerprint(JsonObject description) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(description.ToJsonString())))[..FingerprintLength];

    /// <param name="result">A task's name with its fingerprint.</param>
    public string EpisodesPath(string result) => Path.Combine(path, "episodes", result);

    /// <inheritdoc cref="EpisodesPath"/>
    public string TriesPath(string result) => Path.Combine(path, "tries", result);

    /// <inheritdoc cref="EpisodesPath"/>
    public string ScoresPath(string result) => Path.Combine(path, "scores", $"{result}.json");

    /// <summary>Takes away episodes that came to no scores: those of weights that are no more.</summary>
    public void DeleteUnfinished()
    {
        foreach (var folder in ((string[])["episodes", "tries"]).Select(name => new DirectoryInfo(Path.Combine(path, name))))
        {
            foreach (var task in folder.Exists ? folder.GetDirectories() : [])
            {
                if (!File.Exists(ScoresPath(task.Name)))
                {
                    task.Delete(recursive: true);
                }
            }
        }
    }

    /// <summary>Takes away weights and checkpoints; the folder is no model's any more, and keeps its card and its metrics.</summary>
    public void DeleteWeights()
    {
        if (!Directory.Exists(Run.Location))
        {
            return;
        }

        File.Delete(Path.Combine(Run.Location, ModelFiles.Config));
        File.Delete(Path.Combine(Run.Location, ModelFiles.AdapterConfig));
        Run.Checkpoints.Clear();
        foreach (var file in new DirectoryInfo(Run.Location).GetFiles("*.safetensors*"))
        {
            file.Delete();
        }
    }

    /// <summary>[steps] of the training's metrics; empty where there are none.</summary>
    public IReadOnlyList<(double Loss, long Tokens, double Seconds)> Steps() => !File.Exists(Run.MetricsPath)
        ? []
        :
        [
            .. File.ReadLines(Run.MetricsPath).Select(line => StrictJson.ParseNode(line)!)
                .Select(step => ((double)step["loss"]!, (long)step["tokens"]!, (double)step["seconds"]!)),
        ];

    /// <summary>Keeps what the training was and took.</summary>
    public void WriteCosts(TrainingCosts costs) => ResultFiles.Write(CostsPath, costs);
}
