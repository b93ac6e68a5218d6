using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Gpu.Tests;

/// <summary>Every kernel file compiles in the variants that the backend launches. Needs NVRTC, and no GPU.</summary>
public sealed class KernelCompilationTests
{
    private static readonly DType[] Types = [DType.Float32, DType.BFloat16];

    public static TheoryData<string, int> FilesAndArchitectures =>
    [
        .. from file in KernelSources.Files
           from architecture in new[] { 80, 90 }
           where architecture == 90 || !file.EndsWith("_hopper", StringComparison.Ordinal)
           select (file, architecture),
    ];

    [Theory]
    [MemberData(nameof(FilesAndArchitectures))]
    public void A_kernel_file_compiles_in_all_its_variants(string file, int architecture)
    {
        Gpu.RequireCompiler();
        var compiler = new KernelCompiler(architecture, "test");
        foreach (var variant in Variants(file))
        {
            Assert.NotEmpty(compiler.Compile(file, variant));
        }
    }

    [Fact]
    public void A_gpu_newer_than_the_compiler_gets_ptx_and_an_older_one_than_ampere_a_reason()
    {
        Gpu.RequireCompiler();
        Assert.True(new KernelCompiler(999, "test").AsPtx);
        Assert.Equal(("sm_90a", true), (new KernelCompiler(90, "test").Target, new KernelCompiler(90, "test").HasWarpgroupProducts));
        Assert.Contains(
            "7.5", Assert.Throws<PlatformNotSupportedException>(() => new KernelCompiler(75, "test")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compiled_kernels_are_kept_by_all_that_they_depend_on()
    {
        var keys = new[]
        {
            KernelSources.Key("rms_norm", ["-DLANES=1"], "a"), KernelSources.Key("rms_norm", ["-DLANES=8"], "a"),
            KernelSources.Key("rms_norm", ["-DLANES=1"], "b"), KernelSources.Key("rotary", ["-DLANES=1"], "a"),
        };
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    private static IEnumerable<KernelVariant> Variants(string file) => file switch
    {
        "flash_forward" => from dim in new[] { 64, 80, 96, 128 }
                           from traits in new[] { KernelTraits.None, KernelTraits.Paged }
                           select new KernelVariant(DType.BFloat16, HeadDim: dim, Traits: traits),
        "flash_forward_hopper" => Hopper(HopperPlan.Forward),
        "flash_backward_queries_hopper" => Hopper(HopperPlan.BackwardQueries),
        "flash_backward_keys_hopper" => Hopper(HopperPlan.BackwardKeys),
        "flash_backward" => from dim in new[] { 64, 80, 96, 128 } select new KernelVariant(DType.BFloat16, HeadDim: dim),
        "attention" or "key_value_cache" or "query_key_norm" =>
            from type in Types from dim in new[] { 6, 24, 128, 256 } select new KernelVariant(type, HeadDim: dim),
        "decode_attention" => from type in Types
                              from dim in new[] { 8, 64, 80, 128 }
                              from heads in new[] { 1, 4 }
                              from warps in new[] { 4, 16 }
                              from traits in new[] { KernelTraits.None, KernelTraits.Rotates }
                              select new KernelVariant(type, HeadDim: dim, Traits: traits, Group: heads, Warps: warps),
        "sampling" => from wide in new[] { false, true } select new KernelVariant(DType.Float32, Wide: wide),
        "skinny_product" => from rows in new[] { 1, 9, 17, 33 }
                            from size in new[] { (Outer: 576, Inner: 576), (Outer: 12288, Inner: 4096) }
                            from normed in new[] { false, true }
                            from gated in new[] { false, true }
                            from other in Types
                            where !gated || (normed && other == DType.BFloat16)
                            select new KernelVariant(
                                DType.BFloat16, other,
                                Skinny: SkinnyPlan.Of(rows, size.Outer, size.Inner, normed, gated, 132, 232_448)),
        "block_rows" => from form in Forms() from other in Types select new KernelVariant(DType.BFloat16, other, Blocks: form),
        "block_product" => from form in Forms()
                           from rows in new[] { 2, 9, 33 }
                           from outer in new[] { 576, 12288 }
                           from gated in new[] { false, true }
                           where rows == 2 || !gated
                           let plan = BlockPlan.Of(form, rows, outer, 4096, normed: gated, gated, 132, 232_448)
                           select new KernelVariant(DType.BFloat16, DType.BFloat16, Blocks: form, BlockProduct: plan.Kernel),
        "block_vector" => from form in Forms()
                          from other in Types
                          from gated in new[] { false, true }
                          where !gated || other == DType.BFloat16
                          let plan = BlockPlan.Of(form, 1, 4096, 4096, normed: gated, gated, 132, 232_448)
                          select new KernelVariant(DType.BFloat16, other, Blocks: form, BlockProduct: plan.Kernel),
        "adamw" => from other in Types
                   from wide in new[] { false, true }
                   from traits in new[]
                   {
                       KernelTraits.None,
                       KernelTraits.SplitParameter,
                       KernelTraits.BFloat16Moments | KernelTraits.SplitParameter,
                   }
                   select new KernelVariant(
                       traits.HasFlag(KernelTraits.SplitParameter) ? DType.BFloat16 : DType.Float32, other, wide, Traits: traits),
        _ => from type in Types from other in Types from wide in new[] { false, true } select new KernelVariant(type, other, wide),
    };

    private static IEnumerable<BlockForm> Forms() => Enum.GetValues<DType>()
        .Where(type => type.IsQuantized() && type != DType.Mixed).Select(BlockForm.Of);

    private static IEnumerable<KernelVariant> Hopper(Func<int, HopperPlan> plan) =>
        from dim in new[] { 64, 128 } select new KernelVariant(DType.BFloat16, HeadDim: dim, Hopper: plan(dim));
}
