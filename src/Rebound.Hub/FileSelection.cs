using Rebound.Checkpoints;
using Rebound.Checkpoints.Safetensors;

namespace Rebound.Hub;

/// <summary>Chooses the files of a repository that a model or an adapter needs; Python's pickles never are.</summary>
public static class FileSelection
{
    private const string Gguf = ".gguf";
    private const string Weights = ".safetensors";

    private static readonly string[] Texts =
        ["merges.txt", "vocab.txt", "vocab.json", "tokenizer.model", "README.md", "LICENSE", "LICENSE.txt", "LICENSE.md"];

    private static readonly string[] Pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl"];

    /// <summary>The chosen GGUF files, or weights, configurations and tokenizer.</summary>
    /// <exception cref="HubException">There is no such file, or the choice is the user's.</exception>
    public static IReadOnlyList<HubFile> Choose(HubReference reference, HubRevision revision)
    {
        var (files, ggufs) = (revision.Files, revision.Files.Where(file => Is(file, Gguf)).ToArray());
        if (reference.Selector is { } selector)
        {
            return Selected(reference, selector, files, ggufs);
        }

        var weights = files.Where(file => Is(file, Weights) && IsAtRoot(file)).ToArray();
        if (weights.Length > 0)
        {
            var whole = weights.Where(file => file.Path is SafetensorsFolder.SingleFileName or ModelFiles.AdapterWeights).ToArray();
            var parts = weights.Where(file => file.Path.StartsWith("model-", StringComparison.Ordinal)).ToArray();
            return [.. Beside(files), .. whole.Length > 0 ? whole : parts.Length > 0 ? parts : weights];
        }

        return ggufs switch
        {
            [var only] => [only, .. Cards(files)],
            [_, _, ..] => throw new HubException(
                $"{reference.Repository} has {ggufs.Length} GGUF files; choose one, for example {reference.Repository}:{ggufs[0].Path}. "
                    + $"There are {string.Join(", ", ggufs.Select(file => file.Path))}."),
            [] when files.FirstOrDefault(file => Pickles.Any(ending => Is(file, ending))) is { } pickle => throw new HubException(
                $"{reference.Repository} has its weights in {pickle.Path} alone, a Python pickle, which is not read: take a repository "
                    + "with .safetensors or .gguf."),
            [] => throw new HubException($"{reference.Repository} has neither .safetensors nor .gguf files: it is no model."),
        };
    }

    private static IReadOnlyList<HubFile> Selected(
        HubReference reference, string selector, IReadOnlyList<HubFile> files, HubFile[] ggufs)
    {
        if (files.FirstOrDefault(file => file.Path == selector) is { } named)
        {
            return Pickles.Any(ending => Is(named, ending))
                ? throw new HubException($"{named.Path} is a Python pickle, which is not read and not downloaded.")
                : [named, .. Cards(files)];
        }

        var quantized = ggufs.Where(file => HasQuantization(file.Path, selector)).ToArray();
        return quantized switch
        {
            [var only] => [only, .. Cards(files)],
            [_, _, ..] => throw new HubException(
                $"{reference} may be {string.Join(" or ", quantized.Select(file => file.Path))}: give one of them behind the colon."),
            [] => throw new HubException(
                $"{reference.Repository} has no file '{selector}'"
                    + (ggufs.Length == 0 ? "." : $"; its GGUF files are {string.Join(", ", ggufs.Select(file => file.Path))}.")),
        };
    }

    /// <summary>Whether a file's name ends with a quantization, behind a mark: <c>model-Q4_K_M.gguf</c>.</summary>
    internal static bool HasQuantization(string path, string quantization)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        return path.EndsWith(Gguf, StringComparison.OrdinalIgnoreCase) && name.EndsWith(quantization, StringComparison.OrdinalIgnoreCase)
            && (name.Length == quantization.Length || name[^(quantization.Length + 1)] is '-' or '.' or '_');
    }

    private static IEnumerable<HubFile> Beside(IReadOnlyList<HubFile> files) => files.Where(file =>
        IsAtRoot(file) && (Is(file, ".json") || Is(file, ".jinja") || Texts.Contains(file.Path, StringComparer.OrdinalIgnoreCase)));

    private static IEnumerable<HubFile> Cards(IReadOnlyList<HubFile> files) => files.Where(file => file.Path == "README.md");

    private static bool Is(HubFile file, string ending) => file.Path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static bool IsAtRoot(HubFile file) => !file.Path.Contains('/', StringComparison.Ordinal);
}
