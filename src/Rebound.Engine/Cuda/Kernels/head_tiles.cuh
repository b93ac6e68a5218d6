// Tiles of heads in shared memory, which feed the products of mma.cuh.

// A row of HEAD_DIM elements in shared memory takes 8 more: an odd number of 16-byte units, so that the eight rows of a
// matrix lie in different banks.
#define ROW (HEAD_DIM + 8)
#define DIM_STEPS (HEAD_DIM / 16)

// Copies `Rows` rows by all `Threads` threads; rows from `valid` on become zero.
template <int Rows, int Threads>
__device__ __forceinline__ void copy_tile(bf16 *to, const bf16 *from, long long stride, int valid)
{
    constexpr int units = HEAD_DIM / 8;
#pragma unroll
    for (int i = 0; i < (Rows * units + Threads - 1) / Threads; i++)
    {
        int item = i * Threads + threadIdx.x;
        if (Rows * units % Threads == 0 || item < Rows * units)
        {
            int row = item / units, column = item % units * 8;
            bool inside = row < valid;
            copy_async(shared_address(to + row * ROW + column), from + (inside ? row * stride + column : 0), inside);
        }
    }
}

// The address that a lane gives for A's fragment of rows `row` to `row + 15`, columns `column` to `column + 15`.
__device__ __forceinline__ word a_address(const bf16 *tile, int row, int column)
{
    int lane = threadIdx.x % 32;
    return shared_address(tile + (row + lane % 16) * ROW + column + lane / 16 * 8);
}

// The same for two B fragments of a tile stored [n][k]: n from `row` to `row + 15`, k from `column` to `column + 15`.
__device__ __forceinline__ word b_address(const bf16 *tile, int row, int column)
{
    int lane = threadIdx.x % 32;
    return shared_address(tile + (row + lane / 16 * 8 + lane % 8) * ROW + column + lane / 8 % 2 * 8);
}

// The same for two B fragments of a tile stored [k][n], to be loaded transposed: k from `row`, n from `column`.
__device__ __forceinline__ word bt_address(const bf16 *tile, int row, int column)
{
    int lane = threadIdx.x % 32;
    return shared_address(tile + (row + lane % 16) * ROW + column + lane / 16 * 8);
}

// c[2 * n], c[2 * n + 1] += a * b: sixteen columns of C, with b of a tile stored [n][k], sixteen of its k from 16 * k.
template <int N>
__device__ __forceinline__ void add_product(float (&c)[N][4], int n, const word (&a)[4], const bf16 *tile, int k)
{
    word b[4];
    load_matrices(b, b_address(tile, n * 16, k * 16));
    mma(c[2 * n], a, b[0], b[1]);
    mma(c[2 * n + 1], a, b[2], b[3]);
}

// The same with b of a tile stored [k][n].
template <int N>
__device__ __forceinline__ void add_product_transposed(float (&c)[N][4], int n, const word (&a)[4], const bf16 *tile, int k)
{
    word b[4];
    load_matrices_transposed(b, bt_address(tile, k * 16, n * 16));
    mma(c[2 * n], a, b[0], b[1]);
    mma(c[2 * n + 1], a, b[2], b[3]);
}
