using Rebound.Checkpoints.Safetensors;

namespace Rebound.Checkpoints;

/// <summary>Explains why there is no model at a path, as far as can be told, and what to give instead.</summary>
public static class UnusableModel
{
    private const string Weights = $"{SafetensorsFolder.SingleFileName}, {SafetensorsFolder.IndexFileName} or one .gguf file";

    private static readonly string[] Configurations = [ModelFiles.Config, ModelFiles.AdapterConfig];

    private static readonly string[] Pickles = ["*.bin", "*.pt", "*.pth", "*.ckpt"];

    /// <summary>Of a path at which there is nothing.</summary>
    public static CheckpointException Absent(string path) => new(
        path,
        null,
        HubName.Help(path) is { } help
            ? $"There is no such folder or file. {help}"
            : "There is no such folder or file; expected is a Hugging Face folder or a .gguf file.");

    /// <summary>Of a file that is no GGUF; null for one that may be.</summary>
    public static CheckpointException? File(string path)
    {
        var (name, folder) = (Path.GetFileName(path), Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".safetensors" when name == ModelFiles.AdapterWeights => Problem(
                $"These are an adapter's weights; name their folder, {folder}, where {ModelFiles.AdapterConfig} is beside them."),
            ".safetensors" => Problem($"These are weights alone; name their folder, {folder}, where {ModelFiles.Config} is beside them."),
            ".json" or ".jinja" => Problem($"It is one of a model's files; name their folder, {folder}."),
            ".gguf" => null,
            _ when !ForeignFile.IsGguf(path) && ForeignFile.Guess(path) is { } guess => Problem($"It is not a model: {guess}."),
            _ => null,
        };

        CheckpointException Problem(string problem) => new(path, null, problem);
    }

    /// <summary>Of a folder that has weights but no configuration.</summary>
    public static CheckpointException WithoutConfiguration(string folder) => new(
        Path.Combine(folder, ModelFiles.Config),
        null,
        "The file is absent, and the weights beside it have no shape without it. Get it from where the weights are from.");

    /// <summary>Of a folder that has no weights.</summary>
    public static CheckpointException WithoutWeights(string folder) => new(folder, null, $"The folder holds no weights; {Advice(folder)}");

    private static string Advice(string folder)
    {
        if (System.IO.File.Exists(Path.Combine(folder, ModelFiles.AdapterWeights)))
        {
            return $"its {ModelFiles.AdapterWeights} is an adapter's, and lacks the {ModelFiles.AdapterConfig} that goes with it.";
        }

        if (First(folder, "*.safetensors") is { } shard)
        {
            return $"{shard} is there, but neither {SafetensorsFolder.SingleFileName} nor the {SafetensorsFolder.IndexFileName} that names "
                + "the parts of a model.";
        }

        if (Pickles.Select(pattern => First(folder, pattern)).FirstOrDefault(found => found is not null) is { } pickle)
        {
            return $"{pickle} is a Python pickle, which is not read: take the model's .safetensors, or convert it.";
        }

        var inside = ModelInside(folder);
        return inside is null ? $"expected is {Weights}." : $"a model is inside of it: give {inside}.";
    }

    /// <summary>The only folder or file inside that holds a model, as the hub's cache and unpacked archives have it.</summary>
    private static string? ModelInside(string folder)
    {
        var snapshots = Path.Combine(folder, "snapshots");
        var parent = Directory.Exists(snapshots) ? snapshots : folder;
        string[] models =
        [
            .. Directory.GetDirectories(parent).Where(
                inside => Array.Exists(Configurations, name => System.IO.File.Exists(Path.Combine(inside, name)))),
            .. Directory.GetDirectories(parent).SelectMany(inside => Directory.GetFiles(inside, "*.gguf")),
        ];
        return models is [var only] ? only : null;
    }

    private static string? First(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault();
}
