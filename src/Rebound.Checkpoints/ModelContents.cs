using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;

namespace Rebound.Checkpoints;

/// <summary>The forms in which models and adapters lie on a disk.</summary>
public enum ModelForm
{
    /// <summary>A Hugging Face folder.</summary>
    Folder,

    /// <summary>A low-rank adapter's folder, as PEFT has it.</summary>
    Adapter,

    /// <summary>A GGUF file, or a folder of such.</summary>
    Gguf,

    /// <summary>A low-rank adapter's GGUF file, as llama.cpp takes it.</summary>
    GgufAdapter,
}

/// <summary>
/// A model's or an adapter's own files, told from what else their folder may hold: a run's checkpoints, states of optimizers, logs.
/// </summary>
/// <param name="Folder">The folder that they are in.</param>
/// <param name="Files">Paths within the folder, with forward slashes.</param>
public sealed record ModelContents(ModelForm Form, string Folder, IReadOnlyList<string> Files)
{
    private const string GgufPattern = "*.gguf";

    /// <summary>Of a folder, or of one GGUF file. Headers are read, so that what is cut off or damaged is found.</summary>
    /// <exception cref="CheckpointException">There is none, or a file is absent or damaged.</exception>
    public static ModelContents Of(string folderOrGguf)
    {
        if (File.Exists(folderOrGguf))
        {
            return new ModelContents(
                UnusableModel.File(folderOrGguf) is { } problem ? throw problem : FormOf(folderOrGguf),
                Path.GetDirectoryName(Path.GetFullPath(folderOrGguf))!,
                [Path.GetFileName(folderOrGguf)]);
        }

        if (!Directory.Exists(folderOrGguf))
        {
            throw UnusableModel.Absent(folderOrGguf);
        }

        ModelPublication.Finish(folderOrGguf);
        var (form, weights) = Weights(folderOrGguf);
        return new ModelContents(form, folderOrGguf, [.. Beside(folderOrGguf), .. weights]);
    }

    private static (ModelForm Form, IReadOnlyList<string> Files) Weights(string folder)
    {
        var hasConfiguration = Has(folder, ModelFiles.Config);
        if (Has(folder, ModelFiles.AdapterConfig) && !hasConfiguration)
        {
            using var adapter = new SafetensorsFile(Path.Combine(folder, ModelFiles.AdapterWeights));
            return (ModelForm.Adapter, [ModelFiles.AdapterConfig, ModelFiles.AdapterWeights]);
        }

        if (SafetensorsFolder.Exists(folder))
        {
            using var tensors = new SafetensorsFolder(folder);
            return hasConfiguration ? (ModelForm.Folder, [ModelFiles.Config, .. tensors.FileNames])
                : throw UnusableModel.WithoutConfiguration(folder);
        }

        var files = Directory.GetFiles(folder, GgufPattern).Order(StringComparer.Ordinal).ToArray();
        return files.Length == 0 ? throw UnusableModel.WithoutWeights(folder) : (
            files.Select(FormOf).Distinct().ToArray() is [var only] ? only : ModelForm.Gguf,
            [.. hasConfiguration ? [ModelFiles.Config] : Array.Empty<string>(), .. files.Select(file => Path.GetFileName(file))]);
    }

    private static IEnumerable<string> Beside(string folder)
    {
        var templates = Path.Combine(folder, TokenizerFiles.TemplatesFolderName);
        return TokenizerFiles.Names.Prepend(ModelFiles.GenerationConfig).Where(name => Has(folder, name))
            .Concat(Directory.Exists(templates)
                ? Directory.GetFiles(templates).Order(StringComparer.Ordinal)
                    .Select(file => $"{TokenizerFiles.TemplatesFolderName}/{Path.GetFileName(file)}")
                : []);
    }

    private static bool Has(string folder, string name) => File.Exists(Path.Combine(folder, name));

    private static ModelForm FormOf(string gguf)
    {
        using (var file = new MappedFile(gguf))
        {
            if (GgufHeader.Read(file).Metadata.Text("general.type") == "adapter")
            {
                return ModelForm.GgufAdapter;
            }
        }

        using var model = new GgufFile(gguf);
        return ModelForm.Gguf;
    }
}
