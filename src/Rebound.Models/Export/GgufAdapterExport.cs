using Rebound.Checkpoints.Gguf;
using Rebound.Checkpoints.Safetensors;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Models.Adapters;

namespace Rebound.Models.Export;

/// <summary>
/// Writes a model's adapter alone, as llama.cpp takes it beside the model's GGUF file. It is opened again before it gets its name: beside
/// the weights its logits have to be the adapter's own, but for the rounding of its type.
/// </summary>
public static class GgufAdapterExport
{
    /// <param name="backend">Of fp32 elements, which the comparison is made with.</param>
    /// <param name="source">A model with an adapter.</param>
    /// <param name="type">F32, BF16 or F16.</param>
    /// <returns>How far the logits of the adapter in the file are from those of the adapter.</returns>
    /// <exception cref="ArgumentException">The model has no adapter, or the type is another.</exception>
    /// <exception cref="InvalidDataException">The written adapter answers otherwise; nothing was written.</exception>
    /// <exception cref="IOException">The disk refuses; nothing was written.</exception>
    public static LogitsDifference Write(Backend backend, ModelSource source, string path, GgufFileType type, string name)
    {
        if (source.Adapter is null || type.IsQuantized)
        {
            throw new ArgumentException($"{source.Location}: an adapter is needed, and F32, BF16 or F16 for it.", nameof(source));
        }

        using var adapter = source.Adapter.Load(backend, source.Config);
        var modules = adapter.Layout.Modules.Select(
            module => new GgufAdapterModule(module.Weight.Name, module.DownName, module.UpName, module.Rank, module.Scale)).ToArray();
        var gguf = new GgufAdapter(source.Config.ToJson(), modules, source.Adapter.Location);
        using var work = new CoreWork();
        LogitsDifference? difference = null;
        WholeFile.Write(
            path,
            stream => gguf.Write(stream, adapter.Parameters, type, name, work.Run),
            partial => difference = Check(backend, source, gguf, partial, type));
        return difference!;
    }

    private static LogitsDifference Check(Backend backend, ModelSource source, GgufAdapter gguf, string path, GgufFileType type)
    {
        var batch = LogitsProbe.Random(source.Config);
        using var model = source.Load(backend);
        using var tensors = gguf.Open(path);
        using var written = model.Share(LoraAdapter.Load(backend, source.Config, source.Adapter!.Settings, tensors));
        var difference = LogitsDifference.Of(
            LogitsProbe.Logits(model, batch), LogitsProbe.Logits(written, batch), source.Config.VocabularySize);
        var tolerance = FolderExport.WrittenTolerance(Enum.Parse<StoredFloatType>(type.Name), source.Config.Layers);
        return difference.MaxRelative <= tolerance
            ? difference
            : throw new InvalidDataException(
                $"The written adapter's logits differ from the adapter's by {difference.MaxRelative:g2} of the largest, and {tolerance:g2} "
                + "is allowed; nothing was written.");
    }
}
