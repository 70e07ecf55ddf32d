//! smbench backend `blas`: matmul by `cblas_sgemm` and `cblas_sgemv` of the library that option `blas.library` names.

use std::ffi::CStr;

use smbench_sdk::extension::{self, Receipt, Receipts};
use smbench_sdk::op::{self, Matmul, MatmulArgs};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, MatmulShape, OpEntry, Result};

mod library;

use library::{Library, NO_TRANS, ROW_MAJOR, TRANS};

/// What is loaded where nobody names a library; the loader knows where.
const DEFAULT: &str = "libopenblas.so.0";

/// A context: its library, and how many threads it may take.
struct Blas {
    library: Library,
    threads: usize,
}

impl Backend for Blas {
    const NAME: &'static CStr = c"blas";
    const VENDOR: &'static CStr = c"smbench examples";
    const OPS: &'static [OpEntry<Self>] = &[op::matmul::entry()];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[extension::receipt::entry()];
    const OPTIONS: &'static [&'static str] = &["blas.library"];

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        let library = Library::open(args.option("blas.library").unwrap_or(DEFAULT))?;
        library.take(args.threads)?;
        Ok(Self { library, threads: args.threads })
    }
}

impl Receipts for Blas {
    /// How many threads a call took no CBLAS says.
    fn receipt(&self, _: &OpEntry<Self>) -> Receipt {
        let Library { name, core, .. } = &self.library;
        Receipt { tier: core.clone(), implementation: name.clone(), ..Receipt::default() }
    }
}

impl Matmul for Blas {
    /// `c = a · b`, on top of the bias where there is one; of one row it is a product with a vector.
    fn matmul(&mut self, args: MatmulArgs<'_>) -> Result {
        let MatmulArgs { shape: MatmulShape { m, k, n }, a, b, trans_b, bias, mut c, .. } = args;
        let [m, k, n, a_row, b_row, c_row] = [m, k, n, a.row_stride(), b.row_stride(), c.row_stride()]
            .map(|size| i32::try_from(size).map_err(|_| Error::unsupported("sizes of more than 31 bits")));
        let (m, k, n, a_row, b_row, c_row) = (m?, k?, n?, a_row?, b_row?, c_row?);
        // Other contexts of the process may want another number.
        self.library.take(self.threads)?;
        if let Some(bias) = bias {
            (0..c.rows()).for_each(|i| c.row(i).copy_from_slice(bias));
        }
        let onto = if bias.is_some() { 1.0 } else { 0.0 };
        let (a, b, c) = (a.data().as_ptr(), b.data().as_ptr(), c.data().as_mut_ptr());
        let Library { sgemm, sgemv, .. } = self.library;
        // SAFETY: the views hold m×k, k×n (or n×k) and m×n elements at these strides, and `c` is apart from the others.
        unsafe {
            match (m, trans_b) {
                (1, true) => sgemv(ROW_MAJOR, NO_TRANS, n, k, 1.0, b, b_row, a, 1, onto, c, 1),
                (1, false) => sgemv(ROW_MAJOR, TRANS, k, n, 1.0, b, b_row, a, 1, onto, c, 1),
                (_, true) => sgemm(ROW_MAJOR, NO_TRANS, TRANS, m, n, k, 1.0, a, a_row, b, b_row, onto, c, c_row),
                (_, false) => sgemm(ROW_MAJOR, NO_TRANS, NO_TRANS, m, n, k, 1.0, a, a_row, b, b_row, onto, c, c_row),
            }
        }
        Ok(())
    }
}

smbench_sdk::export_backend!(Blas);
