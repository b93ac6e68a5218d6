namespace Rebound.Engine.Cpu;

/// <summary>
/// A packed product as work for any number of threads. It is one sequence of numbered pieces: pack the first slices,
/// compute their blocks, pack the next, and so on. Threads take pieces in rising order, and before a piece wait until
/// all pieces of the steps before its own are done; so a disturbed core delays the others by one piece at most, and one
/// thread alone never waits. Who computes a block has no influence on its result.
/// </summary>
internal unsafe struct GemmJob : IParallelJob
{
    public GemmKernels Kernels;
    public MatrixProduct Product;
    public GemmPlan Plan;
    public GemmWorkspace Workspace;

    /// <summary>[threads, <see cref="WidenedOfThread"/>], where B is stored in another type than fp32.</summary>
    public float* Widened;
    public int WidenedOfThread;

    public readonly void Execute(int part)
    {
        long first = 0;
        var taken = Take();
        for (var k = 0; k < Product.K; k += Plan.SliceDepth)
        {
            var depth = Math.Min(Plan.SliceDepth, Product.K - k);
            var depthSteps = GemmPlan.Parts(depth, Plan.DepthStep);
            for (var m = 0; m < Product.M; m += Plan.SliceRows)
            {
                var rows = Math.Min(Plan.SliceRows, Product.M - m);
                for (var n = 0; n < Product.N; n += Plan.SliceColumns)
                {
                    var columns = Math.Min(Plan.SliceColumns, Product.N - n);
                    var slice = Slice(k, depth, m, rows, n, columns);

                    // A stays packed while n goes on, and B too when one slice holds all of its columns.
                    var groups = n == 0 ? GemmPlan.Parts(rows, GroupRows) : 0;
                    var piecesOfA = groups * depthSteps;
                    var piecesOfB = m == 0 || Plan.SliceColumns < Product.N ? PiecesOfB(slice, depthSteps) : 0;
                    for (var end = first + piecesOfA + piecesOfB; taken < end; taken = Take())
                    {
                        Await(first);
                        var piece = (int)(taken - first);
                        if (piece < piecesOfA)
                        {
                            PackA(slice, k, m, piece / depthSteps * GroupRows, piece % depthSteps);
                        }
                        else if (Product.B.Stored is { } stored)
                        {
                            WidenB(stored, slice, k, n, piece - piecesOfA, Widened + ((nint)part * WidenedOfThread));
                        }
                        else
                        {
                            PackB(slice, k, n, (piece - piecesOfA) / depthSteps, (piece - piecesOfA) % depthSteps);
                        }

                        Interlocked.Increment(ref *Workspace.Done);
                    }

                    first += piecesOfA + piecesOfB;
                    var blockRows = GemmPlan.Parts(rows, Plan.BlockRows);
                    var blocks = blockRows * GemmPlan.Parts(slice.Panels.Count, Plan.BlockPanels);
                    for (; taken < first + blocks; taken = Take())
                    {
                        Await(first);
                        var (column, row) = Math.DivRem((int)(taken - first), blockRows);
                        slice.FirstRow = row * Plan.BlockRows;
                        slice.EndRow = Math.Min(slice.FirstRow + Plan.BlockRows, rows);
                        slice.FirstPanel = column * Plan.BlockPanels;
                        slice.EndPanel = Math.Min(slice.FirstPanel + Plan.BlockPanels, slice.Panels.Count);
                        Kernels.Multiply(slice);
                        Interlocked.Increment(ref *Workspace.Done);
                    }

                    first += blocks;
                }
            }
        }
    }

    /// <summary>Rows of A that are packed as one piece of work: whole panels, and whole cache lines where they lie side by side.</summary>
    private const int GroupRows = 64;

    /// <summary>Rows of stored weights that are widened as one piece of work.</summary>
    private const int WidenedRows = 16;

    private readonly long Take() => Interlocked.Increment(ref *Workspace.Next) - 1;

    private readonly void Await(long pieces)
    {
        for (var spins = 0; Volatile.Read(ref *Workspace.Done) < pieces; spins++)
        {
            if (spins < 1000)
            {
                Thread.SpinWait(4);
            }
            else
            {
                Thread.Yield();
            }
        }
    }

    private readonly GemmBlock Slice(int k, int depth, int m, int rows, int n, int columns)
    {
        var c = Product.C + (m * Product.StrideC) + n;
        return new GemmBlock
        {
            PackedA = Workspace.PackedA,
            PackedB = Workspace.PackedB,
            Depth = depth,
            DepthStep = Plan.DepthStep,
            Rows = rows,
            PaddedRows = GemmPlan.Parts(rows, Plan.TileRows) * Plan.TileRows,
            Columns = columns,
            Panels = new ColumnPanels(columns, Kernels.Lanes),
            C = c,
            StrideC = Product.StrideC,
            Addend = k > 0 ? c : Product.Addend == null ? null : Product.Addend + (m * Product.StrideAddend) + n,
            StrideAddend = k > 0 ? Product.StrideC : Product.StrideAddend,
        };
    }

    private readonly void PackA(in GemmBlock slice, int k, int m, int firstRow, int step)
    {
        var start = step * slice.DepthStep;
        var depth = Math.Min(slice.DepthStep, slice.Depth - start);
        var panel = slice.PackedA + ((nint)start * slice.PaddedRows) + ((nint)firstRow * depth);
        var end = Math.Min(firstRow + GroupRows, slice.Rows);
        for (var row = firstRow; row < end; row += Plan.TileRows, panel += Plan.TileRows * depth)
        {
            Pack(Product.A, !Product.A.Transposed, m + row, Math.Min(Plan.TileRows, end - row), k + start, depth, panel, Plan.TileRows);
        }
    }

    private readonly void PackB(in GemmBlock slice, int k, int n, int panel, int step)
    {
        var start = step * slice.DepthStep;
        var depth = Math.Min(slice.DepthStep, slice.Depth - start);
        var column = slice.Panels.Start(panel);
        var width = slice.Panels.Start(panel + 1) - column;
        var into = slice.PackedB + ((nint)start * slice.Panels.Width) + ((nint)column * depth);
        Pack(Product.B, Product.B.Transposed, n + column, Math.Min(width, slice.Columns - column), k + start, depth, into, width);
    }

    /// <summary>Pieces in which B is packed: of stored weights whole panels, or rows, as blocks lie along these.</summary>
    private readonly int PiecesOfB(in GemmBlock slice, int depthSteps) => Product.B.Stored is null ? slice.Panels.Count * depthSteps
        : Product.B.Transposed ? slice.Panels.Count
        : GemmPlan.Parts(slice.Depth, WidenedRows);

    /// <summary>Packs a piece of B that is stored in another type, widened on the way.</summary>
    private readonly void WidenB(in StoredRows stored, in GemmBlock slice, int k, int n, int piece, float* widened)
    {
        if (Product.B.Transposed)
        {
            WidenPanel(stored, slice, k, n, piece, widened);
            return;
        }

        for (var row = piece * WidenedRows; row < Math.Min(slice.Depth, (piece + 1) * WidenedRows); row++)
        {
            WidenRow(stored, slice, k + row, n, row, widened);
        }
    }

    /// <summary>A panel whose columns are rows of the weights, as deep as the slice.</summary>
    private static void WidenPanel(in StoredRows stored, in GemmBlock slice, int k, int n, int panel, float* widened)
    {
        var column = slice.Panels.Start(panel);
        var width = slice.Panels.Start(panel + 1) - column;
        var lines = Math.Min(width, slice.Columns - column);
        var stride = slice.Depth + (2 * StoredRows.Alignment);
        var source = widened;
        for (var line = 0; line < lines; line++)
        {
            source = stored.WidenAround(n + column + line, k, slice.Depth, widened + (line * stride));
        }

        // All lines begin as far into their blocks.
        source -= (lines - 1) * stride;
        for (var start = 0; start < slice.Depth; start += slice.DepthStep)
        {
            var depth = Math.Min(slice.DepthStep, slice.Depth - start);
            var into = slice.PackedB + ((nint)start * slice.Panels.Width) + ((nint)column * depth);
            GemmPacking.PackAlongDepth(source + start, stride, lines, depth, into, width);
        }
    }

    /// <summary>One row of the weights, which has an element in every panel's column.</summary>
    private static void WidenRow(in StoredRows stored, in GemmBlock slice, int weightRow, int n, int row, float* widened)
    {
        var source = stored.WidenAround(weightRow, n, slice.Columns, widened);
        var start = row / slice.DepthStep * slice.DepthStep;
        var depth = Math.Min(slice.DepthStep, slice.Depth - start);
        var into = slice.PackedB + ((nint)start * slice.Panels.Width);
        for (var panel = 0; panel < slice.Panels.Count; panel++)
        {
            var column = slice.Panels.Start(panel);
            var width = slice.Panels.Start(panel + 1) - column;
            var lines = Math.Min(width, slice.Columns - column);
            GemmPacking.PackAcrossDepth(
                source + column, 0, lines, 1, into + ((nint)column * depth) + ((nint)(row - start) * width), width);
        }
    }

    private static void Pack(
        MatrixView matrix, bool alongDepth, int line, int lines, int k, int depth, float* panel, int width)
    {
        if (alongDepth)
        {
            GemmPacking.PackAlongDepth(matrix.Data + (line * matrix.Stride) + k, matrix.Stride, lines, depth, panel, width);
        }
        else
        {
            GemmPacking.PackAcrossDepth(matrix.Data + (k * matrix.Stride) + line, matrix.Stride, lines, depth, panel, width);
        }
    }
}
