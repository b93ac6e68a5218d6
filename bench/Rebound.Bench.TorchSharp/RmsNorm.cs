using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Rebound.Bench.TorchSharp;

/// <summary>Divides each row by its root mean square and scales it, on […, C].</summary>
internal sealed class RmsNorm : Module<Tensor, Tensor>
{
    private readonly Parameter _weight;

    public RmsNorm(int size)
        : base(nameof(RmsNorm))
    {
        _weight = Parameter(ones(size));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) =>
        _weight * (input * rsqrt(input.pow(2).mean([-1], keepdim: true) + 1e-5));
}
