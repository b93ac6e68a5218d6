using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rebound.Bench.TorchSharp;

/// <summary>A Llama with tied embeddings as a user of TorchSharp would write it: ids [D, T] to logits [D, T, V].</summary>
internal sealed class Llama : Module<Tensor, Tensor>
{
    private readonly Embedding _embedding;
    private readonly ModuleList<LlamaBlock> _blocks;
    private readonly RmsNorm _norm;
    private readonly Tensor _cosines;
    private readonly Tensor _sines;

    public Llama(LlamaShape shape)
        : base(nameof(Llama))
    {
        _embedding = Embedding(shape.Vocabulary, shape.Hidden);
        _blocks = new ModuleList<LlamaBlock>([.. Enumerable.Range(0, shape.Layers).Select(_ => new LlamaBlock(shape))]);
        _norm = new RmsNorm(shape.Hidden);
        var rates = pow(shape.RopeBase, -arange(0, shape.HeadSize, 2, float32) / shape.HeadSize);
        var angles = outer(arange(shape.Document, float32), rates);
        (_cosines, _sines) = (cat([angles, angles], -1).cos(), cat([angles, angles], -1).sin());
        RegisterComponents();
        foreach (var matrix in parameters().Where(parameter => parameter.dim() == 2))
        {
            init.normal_(matrix, std: 0.02);
        }
    }

    public override Tensor forward(Tensor input)
    {
        var x = _embedding.forward(input);
        foreach (var block in _blocks)
        {
            x = block.forward(x, _cosines, _sines);
        }

        return functional.linear(_norm.forward(x), _embedding.weight!);
    }
}
