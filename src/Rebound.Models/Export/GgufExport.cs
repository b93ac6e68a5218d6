using Rebound.Checkpoints;
using Rebound.Checkpoints.Gguf;
using Rebound.Engine;
using Rebound.Files;
using Rebound.Models.Adapters;

namespace Rebound.Models.Export;

/// <summary>
/// Writes a model, with its adapter merged, as a GGUF file. The file is opened again before it gets its name: its tokenizer has to give
/// the same tokens to fixed texts, its chat template has to be the same, and its logits have to be those of the source's weights once
/// these are rounded to the file's types in memory. Otherwise there is no file.
/// </summary>
public sealed class GgufExport : IDisposable
{
    /// <summary>The same weights in fp32: nothing but sums in another order may differ.</summary>
    private const double ArithmeticTolerance = 1e-4;

    private readonly Backend _backend;
    private readonly ModelSource _source;
    private readonly LoraAdapter? _adapter;
    private readonly ITensorSource _tensors;
    private readonly GgufModelWriter _writer;
    private readonly CoreWork _work = new();

    /// <param name="backend">Of fp32 elements, which the comparison is made with.</param>
    /// <param name="source">The model, with an adapter or without.</param>
    /// <param name="name">Its name for people.</param>
    /// <exception cref="CheckpointException">GGUF cannot hold the model, or its tokenizer; what cannot be held is named.</exception>
    public GgufExport(Backend backend, ModelSource source, GgufFileType type, string name)
    {
        (_backend, _source) = (backend, source);
        _adapter = source.Adapter?.Load(backend, source.Config);
        try
        {
            var weights = _adapter is null ? source.Tensors : new MergedTensors(source.Tensors, _adapter);
            _tensors = new InterruptibleTensors(weights, source.Interrupted);
            _writer = new GgufModelWriter(
                new GgufModelContent(name, source.Config.ToJson(), _tensors, source.TokenizerSource, EndTokens(source)), type);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Facts about the file that its name does not tell, a sentence each.</summary>
    public IReadOnlyList<string> Notes => _writer.Notes;

    /// <summary>Bits of a parameter on average.</summary>
    public double BitsPerParameter => _writer.BitsPerParameter;

    /// <param name="report">Is told how many bytes of tensors are written, of how many; null for nobody.</param>
    /// <param name="onCheck">Is told that all is written and the comparison begins; null for nobody.</param>
    /// <returns>How far the file's logits are from the source's: what rounding to its type does.</returns>
    /// <exception cref="InvalidDataException">What was written is not the source; nothing was written.</exception>
    /// <exception cref="IOException">The disk refuses; nothing was written.</exception>
    /// <exception cref="OperationCanceledException"><see cref="ModelSource.Interrupted"/> was cancelled; nothing was written.</exception>
    public LogitsDifference Write(string path, Action<long, long>? report = null, Action? onCheck = null)
    {
        LogitsDifference? difference = null;
        WholeFile.Write(path, stream => _writer.Write(stream, _work.Run, report), partial =>
        {
            onCheck?.Invoke();
            difference = Check(partial);
        });
        return difference!;
    }

    public void Dispose()
    {
        _adapter?.Dispose();
        _work.Dispose();
    }

    /// <summary>The end that the tokenizer itself names, then those of the configurations; others are known by their text.</summary>
    private static IReadOnlyList<int> EndTokens(ModelSource source) =>
        source.HasTokenizer && source.EosToken is { Length: > 0 } token && source.Tokenizer.TryGetId(token, out var id)
            ? [.. source.NamedEndTokenIds.Prepend(id).Distinct()]
            : source.NamedEndTokenIds;

    private LogitsDifference Check(string path)
    {
        using var written = ModelSource.Open(path);
        written.Interrupted = _source.Interrupted;
        _writer.CheckTokenizer(written.TokenizerSource);
        CheckConfiguration(written.Config);
        var batch = _source.HasTokenizer
            ? LogitsProbe.OfTexts(_source.Config, _source.Tokenizer)
            : LogitsProbe.Random(_source.Config);
        var actual = Logits(written.Config, written.Tensors, batch);
        using var rounded = _writer.Rounded(_work.Run);
        var explained = LogitsDifference.Of(Logits(_source.Config, rounded, batch), actual, _source.Config.VocabularySize);
        if (!(explained.MaxRelative <= ArithmeticTolerance))
        {
            throw new InvalidDataException(
                $"The written file's logits differ from those of the model's weights rounded to {_writer.Type.Name} by "
                + $"{explained.MaxRelative:g2} of the largest, and {ArithmeticTolerance:g2} is allowed; nothing was written.");
        }

        using var model = _source.Load(_backend);
        return LogitsDifference.Of(LogitsProbe.Logits(model, batch), actual, _source.Config.VocabularySize);
    }

    private float[] Logits(LlamaConfig config, ITensorSource tensors, PackedBatch batch)
    {
        using var interruptible = new InterruptibleTensors(tensors, _source.Interrupted);
        using var model = LlamaModel.Load(_backend, config, interruptible);
        return LogitsProbe.Logits(model, batch);
    }

    /// <summary>Compares what a short document's logits do not show.</summary>
    private void CheckConfiguration(LlamaConfig written)
    {
        var expected = _source.Config;
        if (written.MaxPositions != expected.MaxPositions || !written.Windows.SequenceEqual(expected.Windows))
        {
            throw new InvalidDataException(
                $"The written file takes {written.MaxPositions} tokens in windows of {written.Windows[0]}, and the model "
                + $"{expected.MaxPositions} in {expected.Windows[0]}; nothing was written.");
        }

        var (theirs, ours) = (written.Rope.InverseFrequencies(written.HeadDim), expected.Rope.InverseFrequencies(expected.HeadDim));
        for (var i = 0; i < ours.Length; i++)
        {
            if (!(Math.Abs(theirs[i] - ours[i]) <= 1e-5 * ours[i]))
            {
                throw new InvalidDataException(
                    $"The written file rotates pair {i} by {theirs[i]:g6} a position, and the model by {ours[i]:g6}; nothing was written.");
            }
        }
    }
}
