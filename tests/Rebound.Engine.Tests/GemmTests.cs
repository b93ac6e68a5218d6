using Rebound.Engine.Cpu;

namespace Rebound.Engine.Tests;

public sealed unsafe class GemmTests
{
    private static readonly int[] Edges = [1, 3, 4, 5, 8, 9, 16, 17, 33, 47, 48, 49, 65];

    [Fact]
    public void Small_products_of_every_edge_equal_the_fp64_sum()
    {
        using var pool = new WorkerPool(2);
        var gemms = VectorWidths.Gemms(pool);
        var random = new Random(1);
        foreach (var m in Edges)
        {
            foreach (var n in Edges)
            {
                foreach (var form in Enum.GetValues<Form>())
                {
                    var k = Edges[random.Next(Edges.Length)];
                    var check = new ProductCheck(m, n, k, form, (Addition)random.Next(3), random);
                    gemms.ForEach(gemm => check.Run(product => gemm.Multiply(product)));
                }
            }
        }

        gemms.ForEach(gemm => gemm.Dispose());
    }

    [Fact]
    public void Products_beyond_every_block_and_slice_equal_the_fp64_sum()
    {
        // The smallest workspace holds 256 by 256, so these shapes take several slices of every dimension.
        using var pool = new WorkerPool(3);
        var gemms = VectorWidths.Gemms(pool, floats: 64 << 10);
        var random = new Random(2);
        (int M, int N, int K)[] shapes =
            [(300, 50, 321), (17, 530, 258), (20, 20, 1030), (261, 290, 257), (1, 1000, 577), (16, 300, 103), (530, 241, 20)];
        foreach (var (m, n, k) in shapes)
        {
            foreach (var form in Enum.GetValues<Form>())
            {
                var check = new ProductCheck(m, n, k, form, (Addition)random.Next(3), random);
                gemms.ForEach(gemm => check.Run(product => gemm.Multiply(product)));
            }
        }

        gemms.ForEach(gemm => gemm.Dispose());
    }

    [Fact]
    public void A_large_product_equals_the_fp64_sum()
    {
        using var pool = new WorkerPool(2);
        using var gemm = new Gemm(pool);
        var random = new Random(5);
        foreach (var form in Enum.GetValues<Form>())
        {
            new ProductCheck(130, 290, 642, form, (Addition)random.Next(3), random).Run(product => gemm.Multiply(product));
        }

        new ProductCheck(40, 50, 5000, Form.SecondTransposed, Addition.Itself, random).Run(product => gemm.Multiply(product));
    }

    [Fact]
    public void A_depth_of_zero_leaves_the_addend()
    {
        using var pool = new WorkerPool(2);
        using var gemm = new Gemm(pool);
        foreach (var addition in Enum.GetValues<Addition>())
        {
            new ProductCheck(20, 5, 0, Form.Plain, addition, new Random(3)).Run(product => gemm.Multiply(product));
            new ProductCheck(2, 5, 0, Form.SecondTransposed, addition, new Random(3)).Run(product => gemm.Multiply(product));
        }
    }

    [Fact]
    public void No_rows_or_columns_touch_nothing()
    {
        using var pool = new WorkerPool(2);
        using var gemm = new Gemm(pool);
        foreach (var form in Enum.GetValues<Form>())
        {
            new ProductCheck(0, 50, 20, form, Addition.None, new Random(3)).Run(product => gemm.Multiply(product));
            new ProductCheck(50, 0, 20, form, Addition.None, new Random(3)).Run(product => gemm.Multiply(product));
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_change_a_bit()
    {
        var check = new ProductCheck(203, 333, 777, Form.SecondTransposed, Addition.Itself, new Random(4));
        var results = new List<float[]>();
        foreach (var threads in new[] { 1, 2, 5 })
        {
            using var pool = new WorkerPool(threads);
            using var gemm = new Gemm(pool);
            for (var i = 0; i < 5; i++)
            {
                results.Add(check.Run(product => gemm.Multiply(product)));
            }
        }

        Assert.All(results, result => Assert.Equal(results[0], result));
    }

    [Theory]
    [InlineData(70, 96)]
    [InlineData(33, 2500)]
    public void A_row_is_the_same_bits_among_few_others_and_from_the_steady_number_on_among_many(int n, int k)
    {
        const int rows = 150;
        using var pool = new WorkerPool(2);
        using var backend = new CpuBackend(1);
        var steady = backend.BatchInvariantRows!.Value;
        var few = steady - 1;
        var random = new Random(6);
        float[] a = Floats(rows * k), b = Floats(n * k), whole = new float[rows * n], part = new float[rows * n];
        fixed (float* first = a, second = b, all = whole, some = part)
        {
            foreach (var gemm in VectorWidths.Gemms(pool))
            {
                foreach (var (among, start, count) in new[]
                {
                    (few, 0, 1), (few, 3, 2), (few, 1, 7), (few, 5, few - 5),
                    (rows, 0, steady), (rows, 5, steady + 1), (rows, 60, 64), (rows, 1, 130), (rows, rows - steady, steady),
                })
                {
                    gemm.Multiply(Product(first, second, all, among));
                    gemm.Multiply(Product(first + (start * k), second, some, count));
                    Assert.Equal(whole.AsSpan(start * n, count * n), part.AsSpan(0, count * n));
                }

                gemm.Dispose();
            }
        }

        MatrixProduct Product(float* from, float* with, float* into, int count) => MatrixProduct.Of(
            count, n, k, new MatrixView((nint)from, k), new MatrixView((nint)with, k, Transposed: true), into, n, accumulate: false);

        float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    [Fact]
    public void Multiplying_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        using var gemm = new Gemm(pool);
        var memory = new float[3 * 100 * 100];
        fixed (float* data = memory)
        {
            foreach (var m in new[] { 4, 100 })
            {
                var product = MatrixProduct.Of(
                    m, 100, 100, new MatrixView((nint)data, 100), new MatrixView((nint)(data + 10_000), 100, Transposed: true),
                    data + 20_000, 100, accumulate: false);
                gemm.Multiply(product);
                var before = GC.GetAllocatedBytesForCurrentThread();
                gemm.Multiply(product);
                Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            }
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Column_panels_cover_every_column_once(int lanes)
    {
        for (var columns = 1; columns <= 20 * lanes; columns++)
        {
            var panels = new ColumnPanels(columns, lanes);
            Assert.Equal(0, panels.Start(0));
            Assert.InRange(panels.Width, columns, columns + lanes - 1);
            var covered = 0;
            for (var panel = 0; panel < panels.Count; panel++)
            {
                Assert.Equal(covered, panels.Start(panel));
                Assert.InRange(panels.Vectors(panel), columns <= lanes ? 1 : 2, 3);
                covered += panels.Vectors(panel) * lanes;
            }

            Assert.Equal(panels.Width, covered);
        }
    }
}
