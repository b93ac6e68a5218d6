using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Rebound.Engine.Tests;

/// <summary>
/// The product of a row that is rounded to eight bits with a row of blocks, one code after the other: codes and scales are read from
/// the layouts in ggml-common.h.
/// </summary>
internal static class RoundedReference
{
    private const int Group = 32;
    private const int Lanes = 8;

    public static float Product(string type, ReadOnlySpan<byte> blocks, ReadOnlySpan<float> input)
    {
        var (values, bytes) = type switch
        {
            "Q8_0" => (32, 34),
            "Q5_1" => (32, 24),
            "Q5_0" => (32, 22),
            "Q4_1" => (32, 20),
            "Q4_0" => (32, 18),
            "Q6_K" => (256, 210),
            "Q5_K" => (256, 176),
            _ => (256, 144),
        };
        var hasMinimum = type is "Q5_1" or "Q4_1" or "Q5_K" or "Q4_K";
        var (lanes, minima) = (new float[Lanes], new float[Lanes]);
        for (var first = 0; first < input.Length; first += Group)
        {
            var block = blocks.Slice(first / values * bytes, bytes);
            var group = input.Slice(first, Group);
            var largest = 0f;
            foreach (var value in group)
            {
                largest = MathF.Max(largest, MathF.Abs(value));
            }

            var (scale, inverse, sum) = (largest / 127, largest > 0 ? 127 / largest : 0, 0);
            for (var lane = 0; lane < Lanes; lane++)
            {
                var product = 0;
                for (var i = 4 * lane; i < (4 * lane) + 4; i++)
                {
                    var code = (int)MathF.Round(group[i] * inverse);
                    product += code * Code(type, block, (first % values) + i);
                    sum += code;
                }

                lanes[lane] = MultiplyAdd(product, Scale(type, block, (first % values) + (4 * lane)) * scale, lanes[lane]);
            }

            if (hasMinimum)
            {
                // Eight groups of a super-block are summed in lanes of their own.
                ref var into = ref minima[values == 256 ? first / Group % Lanes : 0];
                into = MultiplyAdd(Minimum(type, block, first % values), scale * sum, into);
            }
        }

        return hasMinimum ? Sum(lanes) + (values == 256 ? Sum(minima) : minima[0]) : Sum(lanes);
    }

    private static int Code(string type, ReadOnlySpan<byte> block, int i) => type switch
    {
        "Q8_0" => (sbyte)block[2 + i],
        "Q4_0" => Nibble(block[2..], i) - 8,
        "Q4_1" => Nibble(block[4..], i),
        "Q5_0" => (Nibble(block[6..], i) | (Bit(block[2..], i) << 4)) - 16,
        "Q5_1" => Nibble(block[8..], i) | (Bit(block[4..], i) << 4),
        "Q4_K" => PairedNibble(block[16..], i),
        "Q5_K" => PairedNibble(block[48..], i) | (((block[16 + (i % 32)] >> (i / 32)) & 1) << 4),
        _ => (((block[(i / 128 * 64) + (i % 64)] >> (i % 128 / 64 * 4)) & 15)
            | (((block[128 + (i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2)) & 3) << 4)) - 32,
    };

    private static float Scale(string type, ReadOnlySpan<byte> block, int i) => type switch
    {
        "Q6_K" => Half(block[208..]) * (sbyte)block[192 + (i / 16)],
        "Q4_K" or "Q5_K" => Half(block) * SixBits(block[4..16], i / 32, minimum: false),
        _ => Half(block),
    };

    private static float Minimum(string type, ReadOnlySpan<byte> block, int i) => type switch
    {
        "Q4_K" or "Q5_K" => -(Half(block[2..]) * SixBits(block[4..16], i / 32, minimum: true)),
        _ => Half(block[2..]),
    };

    private static int Nibble(ReadOnlySpan<byte> bytes, int i) => i < 16 ? bytes[i] & 15 : bytes[i - 16] >> 4;

    private static int PairedNibble(ReadOnlySpan<byte> bytes, int i) => (bytes[(i / 64 * 32) + (i % 32)] >> (i / 32 % 2 * 4)) & 15;

    private static int Bit(ReadOnlySpan<byte> bytes, int i) => (bytes[i / 8] >> (i % 8)) & 1;

    private static int SixBits(ReadOnlySpan<byte> packed, int group, bool minimum)
    {
        var own = packed[(group % 4) + (minimum ? 4 : 0)];
        var shared = packed[8 + (group % 4)];
        return group < 4 ? own & 63 : ((minimum ? shared >> 4 : shared & 15) | (own >> 6 << 4));
    }

    private static float Half(ReadOnlySpan<byte> bytes) => (float)BitConverter.ToHalf(bytes);

    private static float MultiplyAdd(float a, float b, float c) =>
        Fma.IsSupported || AdvSimd.IsSupported ? MathF.FusedMultiplyAdd(a, b, c) : (a * b) + c;

    private static float Sum(float[] l) => (l[0] + l[4] + (l[1] + l[5])) + (l[2] + l[6] + (l[3] + l[7]));
}
